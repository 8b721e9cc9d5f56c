using Orchestrator.Simulation.Cluster;
using Orchestrator.Simulation.Figures;
using Orchestrator.Simulation.Workloads;
using Xunit;

namespace Orchestrator.Unit.Grains.Scheduling;

/// <summary>
/// The simulated week in small. Whatever must never happen (two holders of a device, part of a gang, a job computed
/// twice, a victim of an equal class …) is an exception of the simulation itself.
/// </summary>
public sealed class SimulationTests
{
    private static readonly WorkloadOptions Small = WorkloadOptions.Small with { Runs = 1_200, Time = TimeSpan.FromDays(1) };

    [Fact]
    public void Week_EndsWithAllRunsDone_SharesNearWeights_NobodyStarved()
    {
        var workload = WorkloadOptions.Small;
        var options = new SimulationOptions();
        var meters = SimulatedCluster.Run(Workload.Create(workload), options);
        var figures = SimulationFigures.Of(meters, workload, options);

        Assert.Equal(workload.Runs, figures.CompletedRuns);
        Assert.InRange(figures.Utilisation, 0.95, 1);
        Assert.True(figures.Preemptions > 0 && figures.Losses > 0, "classes and outages take part");
        Assert.InRange(figures.LongestFirstWaitHours, 0, figures.FirstWaitBoundHours);

        // A weight is 13 devices here: one device is 8 % of it, and runs take hours.
        var shares = figures.Shares.Single(share => share.Hours == 8);
        Assert.InRange(shares.P50, 0, 0.02);
        Assert.InRange(shares.WithinFivePercent, 0.9, 1);
        Assert.InRange(shares.Max, 0, 0.15);
    }

    [Fact]
    public void EqualSeeds_GiveEqualDecisions_AndOthersOthers()
    {
        var first = Fingerprint(Small);
        Assert.Equal(first, Fingerprint(Small));
        Assert.NotEqual(first, Fingerprint(Small with { Seed = 2 }));
    }

    [Fact]
    public void Scheduler_ReplacedEveryFewHours_DecidesAsIfItHadNotBeen()
    {
        // Without outages: after a restart, every lease is good for a whole TTL, and a lost one is noticed later.
        var calm = Small with { DeviceFailures = TimeSpan.FromDays(10_000), HostFailures = TimeSpan.FromDays(10_000) };
        Assert.Equal(Fingerprint(calm), Fingerprint(calm, TimeSpan.FromHours(2.7)));
    }

    private static string Fingerprint(WorkloadOptions workload, TimeSpan? restartEvery = null) =>
        SimulatedCluster.Run(Workload.Create(workload), new SimulationOptions { RestartEvery = restartEvery }).Fingerprint;
}
