using Orchestrator.Contracts.Scheduling;
using Xunit;
using static Orchestrator.Unit.Grains.Scheduling.TestPool;

namespace Orchestrator.Unit.Grains.Scheduling;

public sealed class ExplanationTests
{
    private readonly TestPool _test = new();

    [Fact]
    public void NothingWaits_NothingIsExplained()
    {
        Assert.Empty(_test.Pool.Explain(Id("nobody"), 10));
        Assert.Equal((0, 0), (_test.Pool.Queue(0, 10).Total, _test.Pool.Queue(0, 10).Jobs.Count));
    }

    [Fact]
    public void NoDevice_TooLittleMemory_GangTooLarge_NoneOfTheKind_AreToldApart()
    {
        _test.Enqueue("a", "dictionary-1");
        Is(WaitReason.NoDevice, "no device is there", null);
        _test.Register("cuda:0", 24);
        _test.Pool.Cancel(Id("a"));
        _test.Enqueue("a", "dictionary-1", new JobDemand { MemoryBytes = 80L << 30 });
        Is(WaitReason.TooLittleMemory, "it needs 80.0 GiB on a device and the largest one, cuda:0, has 24.0 GiB", null);
        _test.Pool.Cancel(Id("a"));
        _test.Enqueue("a", "dictionary-1", new JobDemand { Devices = 2 });
        Is(WaitReason.GangTooLarge, "it needs 2 devices at once and 1 that would do are there", null);
        _test.Pool.Cancel(Id("a"));
        _test.Enqueue("a", "dictionary-1", new JobDemand { Kind = "cpu" });
        Is(WaitReason.NoDevice, "no device of kind cpu is there", null);
        Assert.Null(First("a").Position);
    }

    [Fact]
    public void Paused_LimitReached_ComputedElsewhere_AreToldApart()
    {
        _test.Register("cuda:0");
        _test.Register("cuda:1");
        _test.Enqueue("b", "dictionary-1");
        _test.Settle();
        _test.Enqueue("a", "dictionary-1");
        Is(WaitReason.ComputedElsewhere, "dictionary-1 is being computed by dictionary-1 of b on cuda:0", "dictionary-1");
        _test.Pool.SetPaused(Id("a"), true);
        Is(WaitReason.Paused, "a is paused", "a");
        Assert.Null(First("a").Position);
        _test.Pool.SetPaused(Id("a"), false);
        _test.Pool.SetMaxDevices(Id("a"), 1);
        _test.Enqueue("a", "dictionary-2");
        _test.Settle();
        _test.Pool.Cancel(Id("b"));
        _test.Release("dictionary-1");
        Is(WaitReason.LimitReached, "a holds 1 of the 1 devices that it may", "a");
        Assert.Equal(1, First("a").Position);
    }

    [Fact]
    public void ShareUsedUp_NamesWhoIsFavoured_AndBehindOwnCounts()
    {
        _test.Register("cuda:0");
        _test.Register("cuda:1");
        _test.Register("cuda:2");
        _test.Enqueue("a", "dictionary-1", Lasting(60));
        _test.Enqueue("a", "dictionary-2", Lasting(60));
        _test.Enqueue("b", "dictionary-3", Lasting(90));
        _test.Settle();
        _test.Enqueue("a", "dictionary-4", Lasting(10));
        _test.Enqueue("a", "dictionary-5", Lasting(10));
        _test.Enqueue("b", "dictionary-6", Lasting(30));

        var page = _test.Pool.Queue(0, 10);
        Assert.Equal(3, page.Total);
        Assert.Equal([("dictionary-6", 1), ("dictionary-4", 2), ("dictionary-5", 3)], page.Jobs.Select(job => (job.Job, job.Position ?? 0)));
        Assert.Equal(
            [WaitReason.NoDeviceFree, WaitReason.ShareUsedUp, WaitReason.BehindOwn],
            page.Jobs.Select(job => job.Reason));
        Assert.Contains("a holds 2 devices at weight 1, and b had less of their share", page.Jobs[1].Text);
        Assert.Equal("b", page.Jobs[1].Blocker);
        Assert.Contains("1 job of a go before it; the first of these waits because a holds 2 devices", page.Jobs[2].Text);
        Assert.Equal((1, "dictionary-4"), (page.Jobs[2].BehindOwn, page.Jobs[2].Blocker));

        // Two devices are free in an hour, one of them for the first job; the third job follows the second.
        var now = _test.Time.GetUtcNow();
        Assert.Equal(
            [TimeSpan.FromMinutes(60), TimeSpan.FromMinutes(60), TimeSpan.FromMinutes(70)],
            page.Jobs.Select(job => job.EstimatedStart - now ?? default));
        Assert.Equal("dictionary-4", Assert.Single(_test.Pool.Queue(1, 1).Jobs).Job);
    }

    [Fact]
    public void EstimatedStart_IsNotInvented()
    {
        _test.Register("cuda:0");
        _test.Enqueue("b", "dictionary-1"); // nobody knows how long
        _test.Settle();
        _test.Enqueue("a", "dictionary-2", Lasting(5));
        Assert.Null(First("a").EstimatedStart);
    }

    [Fact]
    public void HigherClass_IsNamed()
    {
        _test.Register("cuda:0");
        _test.Enqueue("b", "analysis-1", new JobDemand { Priority = 3 });
        _test.Settle();
        _test.Enqueue("b", "analysis-2", new JobDemand { Priority = 3 });
        _test.Enqueue("a", "dictionary-1");
        Is(WaitReason.LowerPriority, "b goes first with class 3; this job has class 0", "b");
    }

    [Fact]
    public void Gang_SaysHowManyDevicesItHas_AndWhatItWaitsFor()
    {
        _test.Register("cuda:0");
        _test.Register("cuda:1");
        _test.Register("cuda:2");
        _test.Enqueue("b", "dictionary-1", Lasting(30));
        _test.Settle();
        _test.Enqueue("a", "model-1", new JobDemand { Devices = 3 });
        _test.Settle();
        Is(WaitReason.GangWaits, "2 of the 3 devices that it needs at once are free and kept for it", "dictionary-1");
        Assert.Equal(TimeSpan.FromMinutes(30), First("a").EstimatedStart - _test.Time.GetUtcNow());
    }

    [Fact]
    public void Preemption_NamesWhomItWaitsFor()
    {
        _test.Register("cuda:0");
        _test.Enqueue("b", "dictionary-1");
        _test.Settle();
        _test.Run(_test.Options.MinimumRun);
        _test.Enqueue("a", "model-1", new JobDemand { Priority = 1 });
        _test.Settle();
        Is(WaitReason.Preempting, "dictionary-1 of b was asked to make room after a checkpoint", "dictionary-1");
    }

    [Fact]
    public void Next_IsWhatTheNextDecisionStarts()
    {
        _test.Register("cuda:0");
        _test.Enqueue("a", "dictionary-1");
        Is(WaitReason.Next, "the next decision starts it", null);
        Assert.Equal(_test.Time.GetUtcNow(), First("a").EstimatedStart);
    }

    [Fact]
    public void Order_IsTheOneInWhichJobsThenStart()
    {
        for (var i = 0; i < 3; i++)
            _test.Register($"cuda:{i}");

        _test.Pool.SetWeight(Id("b"), 2);
        for (var i = 0; i < 10; i++)
        {
            _test.Enqueue("a", $"dictionary-a{i}", Lasting(10));
            _test.Enqueue("b", $"dictionary-b{i}", Lasting(10));
            _test.Enqueue("c", $"dictionary-c{i}", Lasting(10) with { Priority = i % 2 });
        }

        var expected = _test.Pool.Queue(0, 3).Jobs.Select(job => job.Job).Order();
        Assert.Equal(expected, _test.Settle().Select(done => done.Split(' ')[0]).Order());
    }

    private static JobDemand Lasting(double minutes) => new() { Duration = TimeSpan.FromMinutes(minutes) };

    private WaitExplanation First(string experiment) => _test.Pool.Explain(Id(experiment), 1)[0];

    private void Is(WaitReason reason, string text, string? blocker)
    {
        var first = First("a");
        Assert.Equal((reason, blocker), (first.Reason, first.Blocker));
        Assert.Contains(text, first.Text);
    }
}
