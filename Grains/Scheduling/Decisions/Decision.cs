using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Scheduling.Devices;
using Orchestrator.Grains.Scheduling.Leases;
using Orchestrator.Grains.Scheduling.Waiting;

namespace Orchestrator.Grains.Scheduling.Decisions;

/// <summary>What a pool would do next. It is done only when the pool is told so.</summary>
public abstract record Decision;

/// <summary>A waiting job gets devices.</summary>
public sealed record StartDecision : Decision
{
    internal StartDecision(WaitingJob waiting, IReadOnlyList<Device> devices) => (Waiting, Leased) = (waiting, devices);

    public JobRequest Job => Waiting.Job;

    /// <summary>Their names, the leading one first.</summary>
    public IEnumerable<string> Devices => Leased.Select(device => device.Name);

    /// <summary>It waited too long, so that nobody may preempt it.</summary>
    public bool IsOwed { get; internal init; }

    internal WaitingJob Waiting { get; }

    internal IReadOnlyList<Device> Leased { get; }
}

/// <summary>Running jobs are to make a checkpoint and give their devices back; they return to the front of their queues.</summary>
public sealed record YieldDecision : Decision
{
    internal YieldDecision(IReadOnlyList<Lease> leases, WaitingJob? beneficiary, string reason) =>
        (Leases, Beneficiary, Reason) = (leases, beneficiary, reason);

    /// <summary>The jobs that are to yield.</summary>
    public IEnumerable<JobRequest> Victims => Leases.Select(lease => lease.Job);

    /// <summary>The job that gets the devices; null: none in particular.</summary>
    public JobRequest? For => Beneficiary?.Job;

    /// <summary>Why, for people.</summary>
    public string Reason { get; }

    internal IReadOnlyList<Lease> Leases { get; }

    internal WaitingJob? Beneficiary { get; }
}
