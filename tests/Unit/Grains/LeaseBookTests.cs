using Orchestrator.Abstractions;
using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Scheduling;
using Xunit;

namespace Orchestrator.Unit.Grains;

public sealed class LeaseBookTests
{
    private readonly ManualTime _time = new();
    private readonly SchedulerState _state = new();
    private readonly SchedulingOptions _options = new();
    private readonly LeaseBook _book;

    public LeaseBookTests() => _book = new LeaseBook(_state, _options, _time);

    [Fact]
    public void Enqueue_OfAJobThatIsQueuedOrComputed_ChangesNothing()
    {
        Assert.True(_book.Enqueue(Job("a", "x")));
        Assert.False(_book.Enqueue(Job("a", "x")));
        Register("cpu");
        Grant();
        Assert.False(_book.Enqueue(Job("a", "x")));
        Assert.Empty(_state.Queue);
    }

    [Fact]
    public void Lease_RenewedInTime_GoesOn_AndEndsOneTtlAfterTheLastRenewal()
    {
        var device = Register("cpu");
        _book.Enqueue(Job("a", "x"));
        var lease = Grant();
        _time.Advance(14);
        Assert.True(_book.Renew("cpu", device.Incarnation, lease.Epoch));
        _time.Advance(14);
        Assert.Empty(_book.Expire());
        _time.Advance(1);
        var lost = Assert.Single(_book.Expire());
        Assert.Equal(lease.Epoch, lost.Epoch);
        Assert.Contains("15 s", lost.Reason);
        Assert.False(_book.Renew("cpu", device.Incarnation, lease.Epoch));
    }

    [Fact]
    public void LostJob_IsNextInTheQueue_UnderAGreaterEpoch_OnAnotherDevice()
    {
        Register("first");
        _book.Enqueue(Job("a", "x"));
        var old = Grant();
        _book.Enqueue(Job("a", "y"));
        _time.Advance(15);
        _book.Expire();
        Assert.Null(_book.FreeDevice()); // the one that was lost gets nothing before it registers again

        Register("second");
        var next = Grant();
        Assert.Equal(old.Job.Id, next.Job.Id);
        Assert.True(next.Epoch > old.Epoch);
    }

    [Fact]
    public void NewIncarnation_EndsTheLeaseAtOnce()
    {
        var old = Register("cpu");
        _book.Enqueue(Job("a", "x"));
        var lease = Grant();
        Assert.Null(_book.Register(old, out var changed));
        Assert.False(changed);

        var lost = _book.Register(new DeviceInfo("cpu", Guid.NewGuid()), out changed);
        Assert.True(changed);
        Assert.Equal(lease.Epoch, lost?.Epoch);
        Assert.False(_book.Release("cpu", old.Incarnation, lease.Epoch));
        Assert.Equal(lease.Job.Id, Grant().Job.Id);
    }

    [Fact]
    public void Device_ThatWasNotHeardFrom_GetsNoJob()
    {
        Register("cpu");
        _book.Enqueue(Job("a", "x"));
        _time.Advance(15);
        Assert.Null(_book.FreeDevice());
        Register("cpu");
        Assert.NotNull(_book.FreeDevice());
    }

    [Fact]
    public void NextJob_WaitsForStagesThatAreComputedElsewhere()
    {
        Register("first");
        var second = Register("second");
        _book.Enqueue(Job("a", "x"));
        var lease = Grant();
        _book.Enqueue(Job("b", "x", "y"));
        Assert.Null(_book.NextJob());
        _book.Enqueue(Job("b", "z"));
        Assert.Equal("z", _book.NextJob()?.Id);

        var holder = _state.Devices.Values.Single(device => device.Job is not null);
        Assert.True(_book.Release(holder.Name, holder.Incarnation, lease.Epoch));
        Assert.Equal("x,y", _book.NextJob()?.Id);
        Assert.NotNull(second);
    }

    [Fact]
    public void NextJob_TakesTurnsBetweenExperiments()
    {
        Register("first");
        Register("second");
        _book.Enqueue(Job("a", "1"));
        _book.Enqueue(Job("a", "2"));
        _book.Enqueue(Job("b", "3"));
        Assert.Equal("1", Grant().Job.Id);
        Assert.Equal("3", Grant().Job.Id);
    }

    [Fact]
    public void Cancel_TakesJobsOffTheQueue_AndALostCancelledJobDoesNotReturn()
    {
        Register("cpu");
        _book.Enqueue(Job("a", "1"));
        Grant();
        _book.Enqueue(Job("a", "2"));
        _book.Enqueue(Job("b", "3"));

        var stopping = _book.Cancel(new ExperimentId("a"), out var changed);
        Assert.True(changed);
        Assert.Equal("cpu", Assert.Single(stopping).Name);
        Assert.True(_book.Enqueue(Job("b", "1"))); // another experiment wants it: after the cancelled one has ended
        _time.Advance(15);
        Assert.True(Assert.Single(_book.Expire()).Cancelled);
        Assert.Equal(["3", "1"], _state.Queue.Select(job => job.Id));
    }

    [Fact]
    public void Unregister_ReturnsTheJobToTheFrontOfTheQueue()
    {
        var device = Register("cpu");
        _book.Enqueue(Job("a", "1"));
        Grant();
        _book.Enqueue(Job("a", "2"));
        _book.Unregister("cpu", Guid.NewGuid()); // of an earlier process: no effect
        Assert.Single(_state.Queue);
        _book.Unregister("cpu", device.Incarnation);
        Assert.Equal(["1", "2"], _state.Queue.Select(job => job.Id));
        Assert.Null(_book.FreeDevice());
    }

    [Fact]
    public void UndeliverableJob_ReturnsToTheQueue_UnlessItsLeaseHasEnded()
    {
        Register("cpu");
        _book.Enqueue(Job("a", "1"));
        var lease = Grant();
        Assert.Null(_book.Undeliverable("cpu", lease.Epoch - 1, "late"));
        Assert.Contains("no route", _book.Undeliverable("cpu", lease.Epoch, "no route")?.Reason);
        Assert.Null(_book.FreeDevice());
        Assert.Equal("1", Assert.Single(_state.Queue).Id);
    }

    [Fact]
    public void Restart_GivesEveryLeaseAWholeTtl_AndEpochsGoOn()
    {
        Register("cpu");
        _book.Enqueue(Job("a", "1"));
        var lease = Grant();
        _time.Advance(3_600);

        var restarted = new LeaseBook(_state, _options, _time);
        Assert.Empty(restarted.Expire());
        Assert.True(restarted.Renew("cpu", _state.Devices["cpu"].Incarnation, lease.Epoch));
        _time.Advance(15);
        Assert.Single(restarted.Expire());
        restarted.Register(new DeviceInfo("cpu", Guid.NewGuid()), out _);
        var job = restarted.NextJob()!;
        Assert.Equal(lease.Epoch + 1, restarted.Grant(restarted.FreeDevice()!, job, job.Stages).Epoch);
    }

    private static JobRequest Job(string experiment, params string[] stages) => new(
        string.Join(',', stages), new ExperimentId(experiment), [.. stages.Select(stage => new JobStage(new StageKey(stage), "{}"))]);

    private DeviceInfo Register(string name)
    {
        var info = new DeviceInfo(name, _state.Devices.TryGetValue(name, out var known) ? known.Incarnation : Guid.NewGuid());
        _book.Register(info, out _);
        return info;
    }

    private JobAssignment Grant()
    {
        var job = _book.NextJob()!;
        return _book.Grant(_book.FreeDevice()!, job, job.Stages);
    }
}
