using Xunit;

namespace Orchestrator.Processes;

/// <summary>What the user does wrong is told, and nothing is started.</summary>
public sealed class UsageTests : IDisposable
{
    private readonly TemporaryStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task Run_OfABadSpec_TellsEveryMistakeAndCreatesNoStore()
    {
        var text = File.ReadAllText(Repository.Spec("smoke.yaml"))
            .Replace("  vocabulary_size: 512", "  vocabulary_sise: 512", StringComparison.Ordinal)
            .Replace("  heads: 4", "  heads: many", StringComparison.Ordinal)
            .Replace("kind: universality", "kind: universalty", StringComparison.Ordinal);
        var spec = _store.Write("bad.yaml", text);
        await using var run = await ClientProcess.Run("run", spec, "--store", _store.Root);
        Assert.Equal(2, await run.WaitForExit());
        Assert.Equal("", run.Output);
        Assert.All(["vocabulary_sise", "many", "universalty"], found => Assert.Single(run.Errors.Split('\n'), line => line.StartsWith(spec + ":", StringComparison.Ordinal) && line.Contains($"'{found}'", StringComparison.Ordinal)));
        Assert.False(Directory.Exists(_store.Root));
    }

    [Fact]
    public async Task Plan_CreatesNoStore()
    {
        await using var plan = await ClientProcess.Run("plan", Repository.Spec("smoke.yaml"), "--store", _store.Root);
        Assert.True(await plan.WaitForExit() == 0, plan.Transcript);
        Assert.False(Directory.Exists(_store.Root));
    }

    [Fact]
    public async Task ClusterFile_OfTheWorkingFolder_NamesTheStore_AndItsMistakesAreTold()
    {
        var file = _store.Write("cluster.yaml", "version: 1\nstore: nowhere\n");
        var folder = Path.GetDirectoryName(file)!;
        await using (var list = await ClientProcess.RunIn(folder, "ls"))
        {
            Assert.Equal(2, await list.WaitForExit());
            Assert.StartsWith($"There is no store at {Path.Combine(folder, "nowhere")}.", list.Errors, StringComparison.Ordinal);
        }

        _store.Write("cluster.yaml", "version: 1\nstore: nowhere\ndevices: [tpu]\nport: 7\n");
        foreach (var verb in (string[])["ls", "up", "down"])
        {
            await using var client = await ClientProcess.RunIn(folder, verb);
            Assert.Equal(2, await client.WaitForExit());
            Assert.Equal(
                ["cluster.yaml:3:11: devices: wrong value; found 'tpu'; allowed: cpu, cuda:0, cuda:1 …", "cluster.yaml:4:1: unknown key 'port'; allowed: version, store, devices, control_silos, ports, network, database, http, tls, access, telemetry (did you mean 'ports'?)"],
                client.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
    }

    [Theory]
    [InlineData("There is no command 'rum'", "rum")]
    [InlineData("There is no option '--stroe'", "show", "x", "--stroe", "y")]
    [InlineData("There is no store at", "ls", "--store", "no-such-store")]
    [InlineData("missing.yaml", "run", "missing.yaml", "--store", "no-such-store")]
    public async Task Mistakes_GiveOneMessage(string expected, params string[] arguments)
    {
        await using var client = await ClientProcess.Run(arguments);
        Assert.Equal(2, await client.WaitForExit());
        Assert.Contains(expected, client.Errors.Split('\n')[0], StringComparison.Ordinal);
    }
}
