using Orchestrator.Contracts.Runs;
using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Scheduling.Devices;
using Orchestrator.Grains.Scheduling.Records;
using Orchestrator.Grains.Scheduling.Shares;

namespace Orchestrator.Grains.Scheduling.Leases;

/// <summary>Devices that compute one job under one epoch.</summary>
internal sealed class Lease(long epoch, JobRequest job, Account account, IReadOnlyList<Device> devices, DateTimeOffset startedAt)
{
    public long Epoch { get; } = epoch;

    /// <summary>With those of its stages that were still to be computed.</summary>
    public JobRequest Job { get; } = job;

    /// <summary>Who is charged.</summary>
    public Account Account { get; } = account;

    /// <summary>The first one is told of the job; the others are held for it.</summary>
    public IReadOnlyList<Device> Devices { get; } = devices;

    public DateTimeOffset StartedAt { get; } = startedAt;

    /// <summary>The job was told to stop for good: it does not return to the queue.</summary>
    public bool Cancelled { get; set; }

    /// <summary>The job started because it had waited too long: nobody preempts it.</summary>
    public bool IsOwed { get; init; }

    /// <summary>Why the job was asked to make a checkpoint and give its devices back; null: it was not.</summary>
    public string? YieldReason { get; set; }

    /// <summary>Its devices were asked back, for good or for a while.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>The waiting job that it makes room for; null: none.</summary>
    public QueueKey? YieldFor { get; set; }

    public Device Leader => Devices[0];

    public bool IsYielding => YieldReason is not null;

    /// <summary>The class of the job at present.</summary>
    public int Class => (Job.Demand ?? JobDemand.None).Priority ?? Account.Priority;

    /// <summary>Only models and dictionaries have checkpoints; anything else would begin again.</summary>
    public bool CanYield => Job.Stages.All(stage => stage.Key.IsTrained());

    /// <summary>When it is expected to end.</summary>
    public Availability Availability => IsLeaving
        ? Availability.Soon
        : Job.Demand?.Duration is { } duration ? new Availability(StartedAt + duration) : Availability.Unknown;

    /// <summary>The job as it is after a checkpoint: it has this much less to do. A second at least, if estimates were short.</summary>
    public JobRequest Rest(DateTimeOffset now)
    {
        if (Job.Demand is not { Duration: { } duration } demand)
            return Job;

        var left = duration - (now - StartedAt);
        return Job with { Demand = demand with { Duration = left > TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1) } };
    }
}
