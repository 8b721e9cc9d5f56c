using Orchestrator.Grains.Scheduling.Devices;
using Orchestrator.Grains.Scheduling.Leases;
using Orchestrator.Grains.Scheduling.Shares;
using Orchestrator.Grains.Scheduling.Waiting;

namespace Orchestrator.Grains.Scheduling.Preemption;

/// <summary>
/// Whom to ask to make room for a job: strictly lower classes only, only what can go on from a checkpoint and has run for
/// the minimum time, the lowest class and the experiment furthest above its share first, and nobody whose devices are
/// not needed. All that is needed or nobody.
/// </summary>
/// <remarks>
/// Two experiments cannot preempt each other in turns: one of them has the higher class. Where a person swaps their
/// classes, the minimum run time of what has just started holds the swap back.
/// </remarks>
internal sealed class VictimSelection(Fleet fleet, LeaseBook leases, SchedulingOptions options)
{
    /// <summary>The lowest class of any job that could be preempted now; null: there is none.</summary>
    public int? LowestClass(DateTimeOffset now)
    {
        int? lowest = null;
        foreach (var lease in leases.All)
        {
            if (CanPreempt(lease, now) && !(lowest <= lease.Class))
                lowest = lease.Class;
        }

        return lowest;
    }

    /// <summary>Chooses the victims.</summary>
    /// <param name="job">A ready job that cannot start on what is free.</param>
    /// <param name="now">The time.</param>
    /// <returns>Empty: enough is free or is being made free; null: it would not help.</returns>
    public IReadOnlyList<Lease>? Choose(WaitingJob job, DateTimeOffset now)
    {
        // A single device may be of any kind that does; a gang's are of one.
        IEnumerable<string?> kinds = job.Demand.Kind is not null || job.Demand.Devices == 1
            ? [job.Demand.Kind]
            : fleet.Devices.Where(device => device.Present).Select(device => device.Type.Kind).Distinct().Order(StringComparer.Ordinal);
        foreach (var one in kinds)
        {
            if (Choose(job, one, now) is { } victims)
                return victims;
        }

        return null;
    }

    private List<Lease>? Choose(WaitingJob job, string? kind, DateTimeOffset now)
    {
        var missing = job.Demand.Devices - fleet.Devices.Count(device => Does(device, job, kind) && IsForIt(device, job, now));
        if (missing <= 0)
            return [];

        var candidates = leases.All
            .Where(lease => lease.Class < job.Class && CanPreempt(lease, now))
            .Select(lease => (Lease: lease, Devices: lease.Devices.Count(device => Does(device, job, kind))))
            .Where(candidate => candidate.Devices > 0)
            .OrderBy(candidate => candidate.Lease.Class)
            .ThenByDescending(candidate => Ranking.Claim(candidate.Lease.Account, now))
            .ThenByDescending(candidate => candidate.Lease.Epoch) // what started last has the least behind it
            .ToList();
        if (candidates.Sum(candidate => candidate.Devices) < missing)
            return null;

        return Fewest(candidates, missing);
    }

    private static List<Lease> Fewest(List<(Lease Lease, int Devices)> candidates, int missing)
    {
        var chosen = new List<(Lease Lease, int Devices)>();
        while (missing > 0)
        {
            // Of the lowest class that is left: the first that is not too large, else the smallest.
            var lowest = candidates[0].Lease.Class;
            var peers = candidates.TakeWhile(candidate => candidate.Lease.Class == lowest).ToList();
            var next = peers.Find(candidate => candidate.Devices <= missing);
            next = next.Lease is null ? peers.MinBy(candidate => candidate.Devices) : next;
            candidates.Remove(next);
            chosen.Add(next);
            missing -= next.Devices;
        }

        // A late one may have made earlier ones needless; of those the highest class is spared first.
        foreach (var candidate in Enumerable.Reverse(chosen).ToList())
        {
            if (missing + candidate.Devices > 0)
                continue;

            chosen.Remove(candidate);
            missing += candidate.Devices;
        }

        return chosen.ConvertAll(candidate => candidate.Lease);
    }

    private static bool Does(Device device, WaitingJob job, string? kind) =>
        device.Present && device.Type.Fits(kind, job.Demand.MemoryBytes);

    /// <summary>Free or being made free, and not for somebody whom this job must not go before.</summary>
    private bool IsForIt(Device device, WaitingJob job, DateTimeOffset now)
    {
        var comes = fleet.IsUsable(device, now) || device.Availability == Availability.Soon;
        return comes && (device.Lease?.YieldFor is not { } other || other == job.Key)
            && (device.PromisedTo is null || device.PromisedTo == job || device.PromisedTo.Class < job.Class);
    }

    private bool CanPreempt(Lease lease, DateTimeOffset now) =>
        !lease.IsYielding && !lease.Cancelled && lease.CanYield && now - lease.StartedAt >= options.MinimumRun;
}
