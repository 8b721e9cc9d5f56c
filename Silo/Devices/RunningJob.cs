using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Silo.Devices;

/// <summary>A job on the device thread, and why it should end.</summary>
/// <remarks>Its sources are left to the collector: a late answer may still ask it to stop after its end.</remarks>
public sealed class RunningJob(JobAssignment assignment, long startedAt = 0)
{
    private long _renewedAt = startedAt;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _lost = new();
    private readonly Lock _lock = new();

    public JobAssignment Assignment { get; } = assignment;

    public long Epoch => Assignment.Epoch;

    /// <summary>Cancelled: commit a checkpoint and stop.</summary>
    public CancellationToken StopToken => _stop.Token;

    /// <summary>Cancelled: the lease is gone; no commit will be accepted, do not even try.</summary>
    public CancellationToken LostToken => _lost.Token;

    /// <summary>A timestamp of the silo's clock from which on the lease is known to last for its whole time.</summary>
    public long RenewedAt => Interlocked.Read(ref _renewedAt);

    /// <summary>The lease was renewed by a call that was sent then.</summary>
    public void Renewed(long timestamp) => Interlocked.Exchange(ref _renewedAt, timestamp);

    /// <summary>The first reason counts, except that any other overrules making room, and a lost lease everything.</summary>
    public StopReason Reason { get; private set; }

    /// <summary>Why the lease was lost; empty while it was not.</summary>
    public string LossReason { get; private set; } = "";

    public void Stop(StopReason reason)
    {
        lock (_lock)
        {
            if (Reason is StopReason.None or StopReason.Preempted)
                Reason = reason;
        }

        _stop.Cancel();
    }

    public void Lose(string reason)
    {
        lock (_lock)
        {
            if (Reason == StopReason.LeaseLost)
                return;

            Reason = StopReason.LeaseLost;
            LossReason = reason;
        }

        _lost.Cancel();
        _stop.Cancel();
    }
}

/// <summary>Why a job was told to stop.</summary>
public enum StopReason
{
    None,

    /// <summary>By a user: the attempt ends as cancelled.</summary>
    Cancelled,

    /// <summary>It makes room for another job, and goes on later.</summary>
    Preempted,

    /// <summary>The silo goes away in good order: the job goes on elsewhere, or later.</summary>
    Shutdown,
    LeaseLost,
}
