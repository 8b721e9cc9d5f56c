using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Scheduling;
using Xunit;
using static Orchestrator.Unit.Grains.Scheduling.TestPool;

namespace Orchestrator.Unit.Grains.Scheduling;

/// <summary>Limits of devices, of patience, and of what may be asked for.</summary>
public sealed class LimitTests
{
    private readonly TestPool _test = new();

    [Fact]
    public void MaxDevices_IsNeverExceeded_AndChangesLive()
    {
        Devices(6);
        _test.Pool.SetMaxDevices(Id("a"), 2);
        for (var i = 0; i < 8; i++)
            _test.Enqueue("a", $"dictionary-{i}");

        Assert.Equal(2, _test.Settle().Count);
        _test.Pool.SetMaxDevices(Id("a"), 3);
        Assert.Single(_test.Settle());
        _test.Pool.SetMaxDevices(Id("a"), 1); // what runs, runs to its end
        _test.Release("dictionary-0");
        _test.Release("dictionary-1");
        Assert.Empty(_test.Settle());
        _test.Release("dictionary-2");
        Assert.Single(_test.Settle());
        _test.Pool.SetMaxDevices(Id("a"), null);
        Assert.Equal(4, _test.Settle().Count);
    }

    [Fact]
    public void GangUnderALimit_IsNotOvertakenForEverBySmallJobsOfItsExperiment()
    {
        Devices(6);
        _test.Pool.SetMaxDevices(Id("a"), 3);
        _test.Enqueue("a", "dictionary-0");
        _test.Settle();
        _test.Enqueue("a", "model-1", new JobDemand { Devices = 3 });
        _test.Enqueue("a", "dictionary-1");
        Assert.Empty(_test.Settle());
        _test.Release("dictionary-0");
        Assert.StartsWith("model-1", Assert.Single(_test.Settle()), StringComparison.Ordinal);
    }

    [Fact]
    public void GangLargerThanTheLimit_DoesNotHoldUpTheRest()
    {
        Devices(6);
        _test.Pool.SetMaxDevices(Id("a"), 2);
        _test.Enqueue("a", "model-1", new JobDemand { Devices = 3 });
        _test.Enqueue("a", "dictionary-1");
        Assert.Equal(["dictionary-1 on cuda:0"], _test.Settle());
    }

    [Fact]
    public void LowerClass_StartsAtTheLimitOfPatience_HoweverMuchAHigherOneWants_AndIsNotPreempted()
    {
        Devices(2);
        _test.Pool.SetPriority(Id("high"), 1);
        for (var i = 0; i < 2_000; i++)
            _test.Enqueue("high", $"dictionary-{i}");

        _test.Settle();
        _test.Enqueue("low", "model-1");
        var waited = TimeSpan.Zero;
        while (!_test.Running.Any(running => running.Job == "model-1"))
        {
            Assert.True(waited <= _test.Options.PatienceLimit + TimeSpan.FromMinutes(20), "patience, and the longest run");
            _test.Run(TimeSpan.FromMinutes(20));
            waited += TimeSpan.FromMinutes(20);
            foreach (var job in _test.Running.Select(running => running.Job).ToList())
                _test.Release(job);

            _test.Settle();
        }

        Assert.True(waited >= _test.Options.PatienceLimit);
        _test.Run(TimeSpan.FromHours(5));
        Assert.DoesNotContain(_test.Settle(), done => done.Contains("yield"));
    }

    [Fact]
    public void FirstJob_ThatNoDeviceFits_DoesNotAge_AndItsExperimentIsNotPreferred()
    {
        _test.Register("cuda:0", 24);
        _test.Enqueue("a", "dictionary-1", new JobDemand { MemoryBytes = 80L << 30 });
        _test.Run(2 * _test.Options.PatienceLimit);
        _test.Enqueue("b", "dictionary-2");
        _test.Enqueue("a", "dictionary-3");
        Assert.Equal(["dictionary-2 on cuda:0"], _test.Settle());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1e7)]
    public void Weight_OutsideItsRange_IsRefused(double weight)
    {
        var error = Assert.Throws<ArgumentException>(() => _test.Pool.SetWeight(Id("a"), weight));
        Assert.Contains("The weight of a is", error.Message);
        Assert.Contains("0.000001 to 1000000", error.Message);
        Assert.Null(_test.Pool.TakeChanges());
    }

    [Fact]
    public void WrongDemand_IsRefused_NamingTheJobAndWhatIsAllowed()
    {
        Assert.Contains("Job dictionary-1 of a: it needs 0 devices at once; at least 1", Refusal(new JobDemand { Devices = 0 }));
        Assert.Contains("its priority is 1001; a whole number from -1000 to 1000", Refusal(new JobDemand { Priority = 1_001 }));
        Assert.Contains("The priority of a is -2147483648", Assert.Throws<ArgumentException>(() => _test.Pool.SetPriority(Id("a"), int.MinValue)).Message);
        Assert.Contains("its memory is -5 bytes", Refusal(new JobDemand { MemoryBytes = -5 }));
        Assert.Contains("its duration is 00:00:00", Refusal(new JobDemand { Duration = TimeSpan.Zero }));
        Assert.Contains("at most 10000 days", Refusal(new JobDemand { Duration = TimeSpan.MaxValue }));
        Assert.Contains("0 devices; it can be 1 or more", Assert.Throws<ArgumentException>(() => _test.Pool.SetMaxDevices(Id("a"), 0)).Message);
        Assert.Empty(_test.Queue);
    }

    [Fact]
    public void Options_AreChecked()
    {
        Assert.True(new SchedulingOptions().IsValid);
        Assert.False(new SchedulingOptions { HalfLife = TimeSpan.Zero }.IsValid);
        Assert.False(new SchedulingOptions { PatienceLimit = TimeSpan.Zero }.IsValid);
        Assert.False(new SchedulingOptions { Reservations = 0 }.IsValid);
        Assert.False(new SchedulingOptions { MinimumRun = -TimeSpan.FromTicks(1) }.IsValid);
    }

    private string Refusal(JobDemand demand) => Assert.Throws<ArgumentException>(() => _test.Enqueue("a", "dictionary-1", demand)).Message;

    private void Devices(int count)
    {
        for (var i = 0; i < count; i++)
            _test.Register($"cuda:{i}");
    }
}
