using Xunit;

namespace Orchestrator.Processes.Databases;

/// <summary>PostgreSQL goes away in the middle of a sweep, and comes back.</summary>
[Collection(PostgresCollection.Name)]
public sealed class DatabaseOutageTests(PostgresServer server, UndisturbedRuns runs)
{
    /// <summary>How long it is away; the whole minute takes time that a gate does not have.</summary>
    private static readonly TimeSpan Absence = TimeSpan.FromSeconds(Faults.AreLong ? 60 : 20);

    /// <summary>Hung with all its connections while the model trains; killed and restarted while dictionaries do.</summary>
    [Fact]
    public async Task Sweep_OutlivesIt_AndNothingIsLostOrDoneTwice()
    {
        server.Require();
        await using var cluster = await ScaledCluster.Create(server);
        foreach (var host in (string[])["a", "b"])
            cluster.StartControl(host);

        foreach (var host in (string[])["c", "d"])
            cluster.StartDevice(host);

        await Task.WhenAll(cluster.Silos.Select(silo => silo.UntilReady()));
        var run = cluster.Client("run", cluster.Spec);
        await cluster.UntilTrains("model", run);
        server.Freeze();
        await Task.Delay(Absence);
        server.Thaw();

        await cluster.UntilTrains("dictionary", run);
        await server.Stop();
        await Task.Delay(Absence);
        await server.Start();

        await cluster.AssertCompletedLike(await runs.Of(cluster.Spec), run);
        Assert.All(cluster.Silos, silo => Assert.False(silo.HasExited, silo.Output));
    }
}
