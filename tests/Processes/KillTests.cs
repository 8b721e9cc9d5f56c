using Orchestrator.Client.Cluster;
using Xunit;

namespace Orchestrator.Processes;

/// <summary>Processes that die in the middle of training.</summary>
public sealed class KillTests : IDisposable
{
    private static readonly TimeSpan UntilTraining = TimeSpan.FromMinutes(3);
    private readonly TemporaryStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task KilledGpuSilo_CostsAnAttemptAndNotTheRun()
    {
        await using var run = ClientProcess.Start("run", _store.LongSpec(), "--store", _store.Root, "--json");
        var cluster = await Eventually.Get(_store.TrainingCluster, UntilTraining, () => run.Transcript);
        Signals.Send("KILL", Gpu(cluster).Process.Id);

        Assert.True(await run.WaitForExit() == 0, run.Transcript);
        Assert.Equal("completed", run.Json.GetProperty("status").GetString());
        await using var show = await ClientProcess.Run("show", run.Json.GetProperty("id").GetString()!, "--store", _store.Root, "--json");
        Assert.True(await show.WaitForExit() == 0, show.Transcript);
        Assert.Contains(show.Json.GetProperty("stages").EnumerateArray(), stage => stage.GetProperty("attempts").GetInt32() > 1);
    }

    [Fact]
    public async Task KilledClient_TakesItsSilosWithIt()
    {
        await using var run = ClientProcess.Start("run", _store.LongSpec(), "--store", _store.Root);
        var cluster = await Eventually.Get(_store.TrainingCluster, UntilTraining, () => run.Transcript);
        run.Signal("KILL");
        await Eventually.Be(() => cluster.Silos.All(silo => !IsAlive(silo)), TimeSpan.FromSeconds(60), () => string.Join(", ", cluster.Silos.Where(IsAlive)));
    }

    [Fact]
    public async Task InterruptedRun_SaysHowToGoOnAndThenDoes()
    {
        var spec = _store.LongSpec();
        await using var run = ClientProcess.Start("run", spec, "--store", _store.Root);
        var cluster = await Eventually.Get(_store.TrainingCluster, UntilTraining, () => run.Transcript);
        run.Signal("INT");
        Assert.True(await run.WaitForExit() == 130, run.Transcript);
        Assert.Contains($"run {spec} --store {_store.Root}", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(cluster.Silos, IsAlive);

        await using var resumed = await ClientProcess.Run("run", spec, "--store", _store.Root, "--json");
        Assert.True(await resumed.WaitForExit() == 0, resumed.Transcript);
        Assert.True(resumed.Json.GetProperty("cached_stages").GetInt32() > 0);
    }

    [Fact]
    public async Task SecondRunOnAStore_IsToldAtOnce()
    {
        await using var run = ClientProcess.Start("run", _store.LongSpec(), "--store", _store.Root);
        await Eventually.Get(_store.TrainingCluster, UntilTraining, () => run.Transcript);
        await using var second = await ClientProcess.Run("run", _store.LongSpec(), "--store", _store.Root);
        Assert.Equal(1, await second.WaitForExit());
        Assert.Contains($"Process {run.Id} already runs a cluster", second.Errors, StringComparison.Ordinal);
        Assert.False(run.HasExited);

        await using var asked = await ClientProcess.Run("experiments", "--store", _store.Root, "--json");
        Assert.True(await asked.WaitForExit() == 0, asked.Transcript);
        Assert.Equal("running", asked.Json[0].GetProperty("status").GetString());
    }

    private static SiloMark Gpu(ClusterFile cluster) => cluster.Silos.Single(silo => silo.Name.StartsWith("gpu-", StringComparison.Ordinal));

    private static bool IsAlive(SiloMark silo)
    {
        using var process = silo.Process.Find();
        return process is not null;
    }
}
