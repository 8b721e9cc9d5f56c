using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Scheduling.Decisions;
using Xunit;
using static Orchestrator.Unit.Grains.Scheduling.TestPool;

namespace Orchestrator.Unit.Grains.Scheduling;

/// <summary>What leases promise: one holder at a time, growing epochs, an end when a device is silent, nothing lost.</summary>
public sealed class LeaseTests
{
    private readonly TestPool _test = new();

    [Fact]
    public void Enqueue_OfAJobThatIsQueuedOrComputed_ChangesNothing()
    {
        Assert.True(_test.Pool.Enqueue(Job("a", "x")));
        Assert.False(_test.Pool.Enqueue(Job("a", "x")));
        _test.Register("cpu");
        _test.Grant();
        _test.Pool.TakeChanges();
        Assert.False(_test.Pool.Enqueue(Job("a", "x")));
        Assert.Empty(_test.Queue);
        Assert.Null(_test.Pool.TakeChanges());
    }

    [Fact]
    public void Lease_RenewedInTime_GoesOn_AndEndsOneTtlAfterTheLastRenewal()
    {
        var device = _test.Register("cpu");
        _test.Enqueue("a", "x");
        var lease = _test.Grant();
        _test.Time.Advance(14);
        Assert.True(_test.Pool.Renew("cpu", device.Incarnation, lease.Epoch));
        _test.Time.Advance(14);
        Assert.Empty(_test.Pool.Expire());
        _test.Time.Advance(1);
        var lost = Assert.Single(_test.Pool.Expire());
        Assert.Equal(lease.Epoch, lost.Epoch);
        Assert.Contains("15 s", lost.Reason);
        Assert.False(_test.Pool.Renew("cpu", device.Incarnation, lease.Epoch));
    }

    [Fact]
    public void LostJob_IsNextInTheQueue_UnderAGreaterEpoch_OnAnotherDevice()
    {
        _test.Register("first");
        _test.Enqueue("a", "x");
        var old = _test.Grant();
        _test.Enqueue("a", "y");
        _test.Time.Advance(15);
        Assert.Single(_test.Pool.Expire());
        Assert.Null(_test.Pool.Next()); // the device that was lost gets nothing before it registers again

        _test.Register("second");
        var next = _test.Grant();
        Assert.Equal(old.Job.Id, next.Job.Id);
        Assert.True(next.Epoch > old.Epoch);
    }

    [Fact]
    public void NewIncarnation_EndsTheLeaseAtOnce()
    {
        var old = _test.Register("cpu");
        _test.Enqueue("a", "x");
        var lease = _test.Grant();
        _test.Pool.TakeChanges();
        Assert.Null(_test.Pool.Register(old));
        Assert.Null(_test.Pool.TakeChanges());

        var lost = _test.Pool.Register(new DeviceInfo("cpu", Guid.NewGuid()));
        Assert.NotNull(_test.Pool.TakeChanges());
        Assert.Equal(lease.Epoch, lost?.Epoch);
        Assert.False(_test.Pool.Release("cpu", old.Incarnation, lease.Epoch));
        Assert.Equal(lease.Job.Id, _test.Grant().Job.Id);
    }

    [Fact]
    public void Device_ThatWasNotHeardFrom_GetsNoJob()
    {
        _test.Register("cpu");
        _test.Enqueue("a", "x");
        _test.Time.Advance(15);
        Assert.Null(_test.Pool.Next());
        _test.Register("cpu");
        Assert.NotNull(_test.Pool.Next());
    }

    [Fact]
    public void Job_WaitsForStagesThatAreComputedElsewhere()
    {
        _test.Register("first");
        _test.Register("second");
        _test.Enqueue("a", "x");
        _test.Grant();
        _test.Pool.Enqueue(Job("b", "x", "y"));
        Assert.Null(_test.Pool.Next());
        _test.Enqueue("b", "z");
        Assert.Equal("z", _test.Grant().Job.Id);

        _test.Release("x");
        Assert.Equal("x,y", _test.Grant().Job.Id);
    }

    [Fact]
    public void SameJob_OfTwoExperiments_IsComputedOnce_AndOutlivesTheCancellationOfOne()
    {
        _test.Register("first");
        _test.Register("second");
        _test.Enqueue("a", "x");
        _test.Enqueue("b", "x");
        Assert.Equal("a", _test.Grant().Job.Experiment.Value);
        Assert.Null(_test.Pool.Next());

        _test.Pool.Cancel(Id("a"));
        _test.Release("x");
        Assert.Equal("b", _test.Grant().Job.Experiment.Value);
    }

    [Fact]
    public void Experiments_TakeTurns()
    {
        _test.Register("first");
        _test.Register("second");
        _test.Enqueue("a", "1");
        _test.Enqueue("a", "2");
        _test.Enqueue("b", "3");
        Assert.Equal("1", _test.Grant().Job.Id);
        Assert.Equal("3", _test.Grant().Job.Id);
    }

    [Fact]
    public void Cancel_TakesJobsOffTheQueue_AndALostCancelledJobDoesNotReturn()
    {
        _test.Register("cpu");
        _test.Enqueue("a", "1");
        var lease = _test.Grant();
        _test.Enqueue("a", "2");
        _test.Enqueue("b", "3");
        _test.Pool.TakeChanges();

        var stopping = Assert.Single(_test.Pool.Cancel(Id("a")));
        Assert.NotNull(_test.Pool.TakeChanges());
        Assert.Equal((lease.Epoch, "cpu"), (stopping.Epoch, Assert.Single(stopping.Devices!)));
        Assert.True(_test.Enqueue("b", "1")); // another experiment wants it: after the cancelled one has ended
        _test.Time.Advance(15);
        Assert.True(Assert.Single(_test.Pool.Expire()).Cancelled);
        Assert.Equal(["3", "1"], _test.Queue);
    }

    [Fact]
    public void CancelledJob_ThatIsStillStopping_CanBeQueuedAgain()
    {
        _test.Register("cpu");
        _test.Enqueue("a", "1");
        _test.Grant();
        _test.Pool.Cancel(Id("a"));
        Assert.True(_test.Enqueue("a", "1"));
        Assert.Null(_test.Pool.Next());
        _test.Release("1");
        Assert.Equal("1", _test.Grant().Job.Id);
    }

    [Fact]
    public void Unregister_ReturnsTheJobToTheFrontOfTheQueue()
    {
        var device = _test.Register("cpu");
        _test.Enqueue("a", "1");
        _test.Grant();
        _test.Enqueue("a", "2");
        _test.Pool.Unregister("cpu", Guid.NewGuid()); // of an earlier process: no effect
        Assert.Single(_test.Queue);
        _test.Pool.Unregister("cpu", device.Incarnation);
        Assert.Equal(["1", "2"], _test.Queue);
        Assert.Null(_test.Pool.Next());
    }

    [Fact]
    public void UndeliverableJob_ReturnsToTheQueue_UnlessItsLeaseHasEnded()
    {
        _test.Register("cpu");
        _test.Enqueue("a", "1");
        var lease = _test.Grant();
        Assert.Null(_test.Pool.Undeliverable("cpu", lease.Epoch - 1, "late"));
        Assert.Contains("no route", _test.Pool.Undeliverable("cpu", lease.Epoch, "no route")?.Reason);
        Assert.Null(_test.Pool.Next());
        Assert.Equal("1", Assert.Single(_test.Queue));
    }

    [Fact]
    public void Restart_GivesEveryLeaseAWholeTtl_AndEpochsGoOn()
    {
        var device = _test.Register("cpu");
        _test.Enqueue("a", "1");
        var lease = _test.Grant();
        _test.Time.Advance(3_600);

        _test.Restart();
        Assert.Empty(_test.Pool.Expire());
        Assert.True(_test.Pool.Renew("cpu", device.Incarnation, lease.Epoch));
        _test.Time.Advance(15);
        Assert.Single(_test.Pool.Expire());
        _test.Pool.Register(new DeviceInfo("cpu", Guid.NewGuid()));
        Assert.Equal(lease.Epoch + 1, _test.Grant().Epoch);
    }

    [Fact]
    public void Drop_TakesAJobOffTheQueue_WithoutALease()
    {
        _test.Register("cpu");
        _test.Enqueue("a", "1");
        _test.Pool.Drop((StartDecision)_test.Pool.Next()!);
        Assert.Empty(_test.Queue);
        Assert.Null(_test.Pool.Next());
    }
}
