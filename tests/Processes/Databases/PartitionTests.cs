using Orchestrator.Client.Cluster;
using Xunit;

namespace Orchestrator.Processes.Databases;

/// <summary>
/// Two hosts lose each other in the middle of a sweep, while both reach the database: the case in which each side could
/// believe to be the cluster.
/// </summary>
public sealed class PartitionTests(UndisturbedRuns runs)
{
    /// <summary>Longer than a side takes to declare the other dead, and that one to learn of it.</summary>
    private static readonly TimeSpan Parted = TimeSpan.FromSeconds(45);

    [Fact]
    public async Task OfTwoSides_AtMostOneCommits_AndTheSweepEndsInTheSameBits()
    {
        Faults.RequireLong();
        await using var hosts = await TwoHosts.Create();
        await using var server = new PostgresServer { Namespace = hosts.Router };
        server.Require();
        await server.Create(TwoHosts.RouterAddress, LoopbackPorts.Take(1)[0]);
        await using var cluster = await ScaledCluster.Create(server);
        foreach (var (name, place, address) in ((string, IReadOnlyList<string>, string)[])[("a", hosts.First, TwoHosts.FirstAddress), ("b", hosts.Second, TwoHosts.SecondAddress)])
        {
            cluster.StartControl(name, place, "--advertise", address);
            cluster.StartDevice(name, place, "--advertise", address);
        }

        await Task.WhenAll(cluster.Silos.Select(silo => silo.UntilReady()));
        using var ended = new CancellationTokenSource();
        var manager = cluster.KeepUp(ended.Token);
        var run = cluster.Client("run", cluster.Spec);
        await cluster.UntilTrains("model", run);
        await hosts.Part();
        await Task.Delay(Parted);
        await hosts.Join();
        await cluster.AssertCompletedLike(await runs.Of(cluster.Spec), run);
        await ended.CancelAsync();
        Assert.InRange(await manager, 1, int.MaxValue); // one side was given up, and learnt of it
    }
}
