using Xunit;

namespace Orchestrator.Processes.Databases;

/// <summary>Two control silos and three GPU silos, a process each, with their state in PostgreSQL.</summary>
[Collection(PostgresCollection.Name)]
public sealed class ScaledClusterTests(PostgresServer server, UndisturbedRuns runs) : IAsyncLifetime
{
    private ScaledCluster? _cluster;

    private ScaledCluster Cluster => _cluster!;

    public async ValueTask InitializeAsync()
    {
        server.Require();
        _cluster = await ScaledCluster.Create(server);
        foreach (var host in (string[])["a", "b"])
            _cluster.StartControl(host);

        foreach (var host in (string[])["c", "d", "e"])
            _cluster.StartDevice(host);

        await Task.WhenAll(_cluster.Silos.Select(silo => silo.UntilReady()));
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task Sweep_EndsInTheBitsOfTheEmbeddedStore()
    {
        var run = Cluster.Client("run", Cluster.Spec);
        await Cluster.AssertCompletedLike(await runs.Of(Cluster.Spec), run);
        Assert.All(Cluster.Silos, silo => Assert.False(silo.HasExited, silo.Output));
        Assert.False(File.Exists(Cluster.Store.Layout.Database)); // nothing of it is in the store

        // In good order, as a service manager asks.
        foreach (var silo in Cluster.Silos)
            silo.Signal("TERM");

        Assert.All(await Task.WhenAll(Cluster.Silos.Select(silo => silo.UntilExit())), code => Assert.Equal(0, code));
    }

    /// <summary>The one that has the scheduler, so that it moves; then the other one, with a new one in the first one's place.</summary>
    [Fact]
    public async Task ControlSilos_KilledOneAfterTheOther_LoseNothing()
    {
        Faults.RequireLong();
        var run = Cluster.Client("run", Cluster.Spec);
        await Cluster.UntilTrains("model", run);
        var acknowledged = (await Cluster.Run("submit", Cluster.Store.ShortSpec(128, 160))).GetProperty("id").GetString();
        var first = Cluster.Silos.Single(silo => silo.Name.StartsWith("control", StringComparison.Ordinal) && silo.Output.Contains("SchedulerGrain", StringComparison.Ordinal));
        first.Signal("KILL");
        Assert.Contains((await Cluster.Run("ls")).EnumerateArray(), experiment => experiment.GetProperty("id").GetString() == acknowledged);

        await Cluster.UntilTrains("dictionary", run);
        var third = Cluster.StartControl("f");
        await third.UntilReady();
        Cluster.Silos.Single(silo => silo != first && silo != third && silo.Name.StartsWith("control", StringComparison.Ordinal)).Signal("KILL");
        await Cluster.AssertCompletedLike(await runs.Of(Cluster.Spec), run);
        var other = await Cluster.Run("watch", acknowledged!);
        Assert.Equal("completed", other.GetProperty("status").GetString());
        Assert.All(Cluster.Silos, silo => Assert.Equal(silo.Name is "control a" or "control b", silo.HasExited));
    }
}
