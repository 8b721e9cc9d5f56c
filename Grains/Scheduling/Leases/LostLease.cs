using Orchestrator.Contracts.Runs;
using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Grains.Scheduling.Leases;

/// <summary>A lease that ended without its holder's doing.</summary>
/// <param name="Job">What was computed under it.</param>
/// <param name="Epoch">Commits of this epoch are refused from now on.</param>
/// <param name="Cancelled">It was being cancelled, so that nothing is owed to it.</param>
/// <param name="Reason">For people.</param>
public sealed record LostLease(JobRequest Job, long Epoch, bool Cancelled, string Reason)
{
    /// <summary>How the process of its holder ended; null: not known.</summary>
    public ProcessEnd? Holder { get; init; }

    /// <summary>What each of its runs is told.</summary>
    public RunOutcome Outcome => Cancelled ? RunOutcome.Cancelled : RunOutcome.Failed(Failure, Reason) with
    {
        IsInCompany = Job.Stages.Count > 1,
        Evidence = Failure == FailureClass.Infrastructure ? null : new FailureEvidence(0, [Holder!]),
    };

    private FailureClass Failure => Holder switch
    {
        { IsOutOfMemory: true } => FailureClass.OutOfMemory,
        { IsCrash: true } => FailureClass.Crash,
        _ => FailureClass.Infrastructure,
    };
}
