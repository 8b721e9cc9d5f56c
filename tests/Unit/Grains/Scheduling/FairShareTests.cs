using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Scheduling;
using Xunit;
using static Orchestrator.Unit.Grains.Scheduling.TestPool;

namespace Orchestrator.Unit.Grains.Scheduling;

public sealed class FairShareTests
{
    private readonly TestPool _test = new(new SchedulingOptions { HalfLife = TimeSpan.FromHours(10), PatienceLimit = TimeSpan.FromDays(100) });

    [Fact]
    public void Devices_AreDividedByWeight()
    {
        Devices(12);
        _test.Pool.SetWeight(Id("b"), 2);
        _test.Pool.SetWeight(Id("c"), 3);
        Jobs(20, "a", "b", "c");
        _test.Settle();
        Assert.Equal([2, 4, 6], Held("a", "b", "c"));
    }

    [Fact]
    public void Experiment_WithoutWork_LeavesItsShareToTheOthers()
    {
        Devices(9);
        _test.Pool.SetWeight(Id("b"), 2);
        Jobs(1, "a");
        Jobs(20, "b", "c");
        _test.Settle();
        Assert.Equal([1, 5, 3], Held("a", "b", "c"));
    }

    [Fact]
    public void Usage_CountsHalfAfterEachHalfLife()
    {
        Devices(4);
        Jobs(4, "a");
        _test.Settle();
        _test.Run(TimeSpan.FromHours(10));
        Assert.Equal(2, Recent("a"), 1e-9); // nothing before, 4 devices for one half-life
        _test.Run(TimeSpan.FromHours(10));
        Assert.Equal(3, Recent("a"), 1e-9);
        for (var i = 0; i < 4; i++)
            _test.Release($"dictionary-a{i}");

        _test.Run(TimeSpan.FromHours(20));
        Assert.Equal(0.75, Recent("a"), 1e-9);
        Assert.Equal([0], Held("a"));
    }

    [Fact]
    public void Latecomer_GetsMoreThanHalfForAWhile_AndNobodyIsLockedOut()
    {
        Devices(16);
        Jobs(1_500, "a");
        Turn(TimeSpan.FromHours(20));
        Assert.Equal([16], Held("a"));

        Jobs(1_500, "b");
        Turn(TimeSpan.FromHours(2));
        var (a, b) = (Held("a").Single(), Held("b").Single());
        Assert.Equal(16, a + b);
        Assert.InRange(b, 9, 12);  // three quarters at most
        Assert.InRange(a, 4, 7);   // a quarter at least

        Turn(TimeSpan.FromHours(60));
        Assert.InRange(Held("b").Single(), 7, 9);
    }

    [Fact]
    public void Weight_ChangedLive_MovesDevicesAsTheyBecomeFree_AndForgetsNothing()
    {
        Devices(12);
        Jobs(1_500, "a", "b");
        Turn(TimeSpan.FromHours(20));
        Assert.Equal([6, 6], Held("a", "b"));

        _test.Pool.SetWeight(Id("b"), 3);
        Turn(TimeSpan.FromHours(2));
        Assert.Equal([3, 9], Held("a", "b"));
        Turn(TimeSpan.FromHours(50));
        Assert.Equal([3, 9], Held("a", "b"));
    }

    [Fact]
    public void Ties_AreBrokenByTheQueue_NotByChance()
    {
        Devices(2);
        foreach (var name in new[] { "z", "m", "a", "q" })
            Jobs(1, name);

        Assert.Equal(["dictionary-z0 on cuda:00", "dictionary-m0 on cuda:01"], _test.Settle());
    }

    private void Devices(int count)
    {
        for (var i = 0; i < count; i++)
            _test.Register($"cuda:{i:00}");
    }

    private void Jobs(int count, params string[] experiments)
    {
        foreach (var experiment in experiments)
        {
            for (var i = 0; i < count; i++)
                _test.Enqueue(experiment, $"dictionary-{experiment}{i}");
        }
    }

    /// <summary>Time goes by; every hour a quarter of the running jobs end, those first that began first.</summary>
    private void Turn(TimeSpan time)
    {
        _test.Settle();
        for (var minutes = 0; minutes < time.TotalMinutes; minutes += 15)
        {
            _test.Run(TimeSpan.FromMinutes(15));
            var oldest = _test.Pool.Status().Leases.Where(lease => lease.Job is not null).OrderBy(lease => lease.Epoch).ToList();
            foreach (var lease in oldest.Take(oldest.Count / 4))
            {
                Assert.True(_test.Pool.Release(lease.Device.Name, lease.Device.Incarnation, lease.Epoch));
                _test.Settle();
            }
        }
    }

    private IEnumerable<int> Held(params string[] experiments) => experiments.Select(experiment => Share(experiment).Devices);

    private double Recent(string experiment) => Share(experiment).RecentDevices;

    private ExperimentShare Share(string experiment) => _test.Pool.Shares().Single(share => share.Experiment == Id(experiment));
}
