using System.Text.Json;
using Orchestrator.Client.Cluster;
using Xunit;

namespace Orchestrator.Processes;

/// <summary>A cluster that outlives the terminal, and what becomes of it when its processes die.</summary>
public sealed class LastingClusterTests : IAsyncLifetime
{
    private readonly LastingCluster _cluster = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Up_AtTheSameTime_StartsOne_WhichServesRunsUntilDown()
    {
        var ups = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => _cluster.Run("up")));
        Assert.Single(ups, up => up.GetProperty("started").GetBoolean());
        var file = _cluster.File;
        Assert.All(ups, up => Assert.Equal(file.Client.Id, up.GetProperty("supervisor").GetInt32()));

        var run = await _cluster.Run("run", _cluster.Store.ShortSpec(128, 256));
        Assert.Equal("completed", run.GetProperty("status").GetString());
        Assert.Equal(file.Silos, _cluster.File.Silos); // nothing else was started for it
        Assert.All(file.Silos, silo => Assert.True(LastingCluster.IsAlive(silo.Process), silo.Name));

        var down = await _cluster.Run("down");
        Assert.True(down.GetProperty("was_up").GetBoolean());
        Assert.All(file.Silos, silo => Assert.False(LastingCluster.IsAlive(silo.Process), silo.Name));
        Assert.False(File.Exists(_cluster.Store.Layout.ClusterFile));
        Assert.False((await _cluster.Run("down")).GetProperty("was_up").GetBoolean());
    }

    [Fact]
    public async Task Down_WhileItTrains_MakesACheckpoint_FromWhichTheNextUpGoesOn()
    {
        await _cluster.Up();
        var run = _cluster.Start("run", _cluster.Store.LongSpec(128, 256));
        await _cluster.UntilTrains("model", run);
        run.Signal("KILL"); // the work is the cluster's, not the command's
        await run.WaitForExit();
        var down = await _cluster.Run("down");
        var model = Assert.Single(down.GetProperty("interrupted").EnumerateArray()).GetString()!;
        Assert.StartsWith("model-", model, StringComparison.Ordinal);
        Assert.NotEmpty(_cluster.Store.Checkpoints("model")); // the last one, from which it goes on

        await _cluster.Up();
        await _cluster.UntilExperimentIs("completed");
        var logs = await _cluster.End("logs", model);
        var messages = logs.Output.Split('\n').Where(line => line.Length > 0).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("message").GetString()!).ToList();
        Assert.Contains(messages, message => message.Contains("attempt 1 begins", StringComparison.Ordinal));
        Assert.Contains(messages, message => message.Contains("attempt 2 begins", StringComparison.Ordinal) && !message.EndsWith("at step 0", StringComparison.Ordinal));
        Assert.EndsWith("Completed", messages.Last(message => message.StartsWith(model, StringComparison.Ordinal)).Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task InterruptedRun_IsDetached_AndGoesOn()
    {
        await _cluster.Up();
        var run = _cluster.Start("run", _cluster.Store.ShortSpec(128, 256));
        await _cluster.UntilTrains("model", run);
        run.Signal("INT");
        Assert.Equal(130, await run.WaitForExit());
        Assert.Contains("goes on", run.Errors, StringComparison.Ordinal);
        await _cluster.UntilExperimentIs("completed");
    }

    [Fact]
    public async Task KilledSupervisor_LeavesNoOrphans_AndDownSaysSo()
    {
        var file = await _cluster.Up();
        Signals.Send("KILL", file.Client.Id);
        await Eventually.Be(() => !LastingCluster.IsAlive(file.Client), TimeSpan.FromSeconds(10), () => "The supervisor lives.");
        Assert.False((await _cluster.Run("down")).GetProperty("was_up").GetBoolean());
        Assert.All(file.Silos, silo => Assert.False(LastingCluster.IsAlive(silo.Process), silo.Name));
    }

    [Fact]
    public async Task KilledWhole_IsNoCluster_AndTheNextOneTakesTheWorkUp()
    {
        var first = await _cluster.Up();
        var run = _cluster.Start("run", _cluster.Store.ShortSpec(128, 256));
        await _cluster.UntilTrains("model", run);
        _cluster.KillAll();
        Assert.Equal(1, await run.WaitForExit());
        Assert.Contains("goes on when it is up again", run.Errors, StringComparison.Ordinal);
        Assert.NotNull(ClusterFile.Read(_cluster.Store.Layout.ClusterFile)); // stale, and known to be
        Assert.NotEqual(first.ClusterId, (await _cluster.Up()).ClusterId);
        await _cluster.UntilExperimentIs("completed");
    }

    [Fact]
    public async Task KilledControlSilo_IsStartedAgain_AndTheRunThatWatchesGoesOn()
    {
        var before = await _cluster.Up();
        var run = _cluster.Start("run", _cluster.Store.ShortSpec(128, 256));
        await _cluster.UntilTrains("model", run);
        Signals.Send("KILL", before.Silos.Single(silo => silo.Name == "control").Process.Id);
        Assert.True(await run.WaitForExit() == 0, run.Transcript);
        Assert.Equal("completed", run.Json.GetProperty("status").GetString());
        Assert.Equal((before.ClusterId, before.GatewayPort), (_cluster.File.ClusterId, _cluster.File.GatewayPort));
    }

    [Fact]
    public async Task ClusterFile_SaysWhatIsUp()
    {
        var ports = LoopbackPorts.Take(2);
        var file = _cluster.Store.Write("cluster.yaml", $"version: 1\nstore: store\ndevices: [cpu]\nports: {{ gateway: {ports[0]}, devices: {ports[1]} }}\n");
        await using var up = await ClientProcess.Run("up", "--cluster", file, "--json");
        Assert.True(await up.WaitForExit() == 0, up.Transcript);
        Assert.Equal(_cluster.Store.Root, up.Json.GetProperty("store").GetString());
        Assert.Equal(ports[0], up.Json.GetProperty("gateway_port").GetInt32());
        Assert.Equal(ports[1], _cluster.File.Silos.Single(silo => silo.Name == "gpu-cpu").Port);
    }
}
