using Orchestrator.Contracts.Scheduling;
using Xunit;
using static Orchestrator.Unit.Grains.Scheduling.TestPool;

namespace Orchestrator.Unit.Grains.Scheduling;

public sealed class GangTests
{
    private readonly TestPool _test = new();

    [Fact]
    public void Gang_GetsAllItsDevicesUnderOneEpoch_OrNone()
    {
        _test.Register("cuda:0");
        _test.Register("cuda:1");
        _test.Enqueue("a", "model-1", Gang(3));
        Assert.Empty(_test.Settle());

        _test.Register("cuda:2");
        var lease = _test.Grant();
        Assert.Equal(["cuda:0", "cuda:1", "cuda:2"], lease.Devices!.Order());
        Assert.All(_test.Pool.Status().Leases, status => Assert.Equal((lease.Epoch, "model-1"), (status.Epoch, status.Job?.Id)));
        _test.Release("model-1");
        Assert.Empty(_test.Running);
    }

    [Fact]
    public void Gang_EndsAsAWhole_WhenOneOfItsDevicesFallsSilent()
    {
        var leader = _test.Register("cuda:0");
        _test.Register("cuda:1");
        _test.Enqueue("a", "model-1", Gang(2));
        var lease = _test.Grant();
        Assert.Equal("cuda:0", lease.Devices![0]);
        _test.Time.Advance(10);
        Assert.True(_test.Pool.Renew("cuda:0", leader.Incarnation, lease.Epoch));
        _test.Register("cuda:1"); // the other one computes nothing by itself: it says that it is there
        _test.Time.Advance(10);
        Assert.Empty(_test.Pool.Expire());
        Assert.True(_test.Pool.Renew("cuda:0", leader.Incarnation, lease.Epoch));
        _test.Time.Advance(10);

        var lost = Assert.Single(_test.Pool.Expire());
        Assert.Contains("cuda:1", lost.Reason);
        Assert.False(_test.Pool.Renew("cuda:0", leader.Incarnation, lease.Epoch));
        _test.Enqueue("b", "dictionary-1");
        Assert.Equal(["dictionary-1 on cuda:0"], _test.Settle()); // the one that is left is free for others
    }

    [Fact]
    public void Gang_IsNotStarvedBySmallJobs()
    {
        for (var i = 0; i < 4; i++)
            _test.Register($"cuda:{i}");

        for (var i = 0; i < 100; i++)
            _test.Enqueue("small", $"dictionary-{i}");

        _test.Settle();
        _test.Enqueue("large", "model-1", Gang(3));
        _test.Settle();
        var ends = 0;
        while (!_test.Running.Any(running => running.Job == "model-1"))
        {
            Assert.True(ends++ < 3, "one device after the other is kept as it becomes free");
            _test.Run(TimeSpan.FromSeconds(30));
            _test.Release(_test.Running.First().Job);
            _test.Settle();
        }

        Assert.Equal(3, ends);
    }

    [Fact]
    public void WhileAGangWaits_OnlyWhatEndsInTimeUsesTheDevicesKeptForIt()
    {
        for (var i = 0; i < 4; i++)
            _test.Register($"cuda:{i}");

        _test.Enqueue("long", "dictionary-1", Lasting(60));
        _test.Enqueue("long", "dictionary-2", Lasting(20));
        _test.Settle();
        _test.Enqueue("large", "model-1", Gang(3) with { Duration = TimeSpan.FromHours(1) }); // its third device: in 20 minutes
        Assert.Empty(_test.Settle());

        _test.Enqueue("small", "dictionary-3", Lasting(30));
        _test.Enqueue("small", "dictionary-4");
        Assert.Empty(_test.Settle());
        _test.Enqueue("small", "dictionary-5", Lasting(15));
        Assert.Equal(["dictionary-5 on cuda:2"], _test.Settle());

        _test.Run(TimeSpan.FromMinutes(15));
        _test.Release("dictionary-5");
        Assert.Empty(_test.Settle()); // five minutes are left: nothing that waits ends within them
        _test.Run(TimeSpan.FromMinutes(5));
        _test.Release("dictionary-2");
        Assert.Equal("model-1 on cuda:1, cuda:2, cuda:3", _test.Settle()[0]);
    }

    [Fact]
    public void JobsThatOverrun_DelayAGang_ButNothingMoreIsLetIn()
    {
        _test.Register("cuda:0");
        _test.Register("cuda:1");
        _test.Enqueue("long", "dictionary-1", Lasting(10));
        _test.Settle();
        _test.Enqueue("large", "model-1", Gang(2));
        _test.Settle();
        _test.Run(TimeSpan.FromMinutes(11));
        _test.Enqueue("small", "dictionary-2", Lasting(1));
        Assert.Empty(_test.Settle());
        _test.Run(TimeSpan.FromHours(2));
        Assert.Empty(_test.Settle());
        _test.Release("dictionary-1");
        Assert.Equal("model-1 on cuda:0, cuda:1", _test.Settle()[0]);
    }

    [Fact]
    public void HigherClass_TakesADeviceThatIsKeptForALowerOne()
    {
        _test.Register("cuda:0");
        _test.Register("cuda:1");
        _test.Enqueue("long", "dictionary-1");
        _test.Settle();
        _test.Enqueue("large", "model-1", Gang(2));
        Assert.Empty(_test.Settle());
        _test.Enqueue("same", "dictionary-2");
        Assert.Empty(_test.Settle());
        _test.Enqueue("high", "dictionary-3", new JobDemand { Priority = 1 });
        Assert.Equal(["dictionary-3 on cuda:1"], _test.Settle());
    }

    [Fact]
    public void Promise_EndsWithAPause_AndTheDevicesAreForOthers()
    {
        _test.Register("cuda:0");
        _test.Register("cuda:1");
        _test.Enqueue("long", "dictionary-1");
        _test.Settle();
        _test.Enqueue("large", "model-1", Gang(2));
        _test.Settle();
        _test.Enqueue("small", "dictionary-2");
        Assert.Empty(_test.Settle());
        _test.Pool.SetPaused(Id("large"), true);
        Assert.Equal(["dictionary-2 on cuda:1"], _test.Settle());
    }

    [Fact]
    public void Gang_IsOfOneKind()
    {
        _test.Register("cpu");
        _test.Register("cuda:0");
        _test.Enqueue("a", "model-1", Gang(2));
        Assert.Empty(_test.Settle());
        _test.Register("cuda:1");
        Assert.Equal(["model-1 on cuda:0, cuda:1"], _test.Settle());
    }

    [Fact]
    public void Gang_IsOnOneHostWherePossible_ElseOnFew()
    {
        foreach (var (name, host) in new[] { ("0", "x"), ("1", "y"), ("2", "y"), ("3", "y"), ("4", "z"), ("5", "z") })
            _test.Register($"cuda:{name}", host: host);

        _test.Enqueue("a", "model-1", Gang(2));
        Assert.Equal(["model-1 on cuda:4, cuda:5"], _test.Settle()); // the tightest host that is enough
        _test.Enqueue("a", "model-2", Gang(4));
        Assert.Equal(["model-2 on cuda:1, cuda:2, cuda:3, cuda:0"], _test.Settle());
    }

    private static JobDemand Gang(int devices) => new() { Devices = devices };

    private static JobDemand Lasting(double minutes) => new() { Duration = TimeSpan.FromMinutes(minutes) };
}
