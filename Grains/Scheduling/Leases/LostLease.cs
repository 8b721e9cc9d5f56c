using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Grains.Scheduling.Leases;

/// <summary>A lease that ended without its holder's doing.</summary>
/// <param name="Job">What was computed under it.</param>
/// <param name="Epoch">Commits of this epoch are refused from now on.</param>
/// <param name="Cancelled">It was being cancelled, so that nothing is owed to it.</param>
/// <param name="Reason">For people.</param>
public sealed record LostLease(JobRequest Job, long Epoch, bool Cancelled, string Reason);
