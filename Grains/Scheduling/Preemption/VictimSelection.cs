using Orchestrator.Grains.Scheduling.Devices;
using Orchestrator.Grains.Scheduling.Gangs;
using Orchestrator.Grains.Scheduling.Leases;
using Orchestrator.Grains.Scheduling.Shares;
using Orchestrator.Grains.Scheduling.Waiting;

namespace Orchestrator.Grains.Scheduling.Preemption;

/// <summary>
/// Whom to ask to make room for a job: strictly lower classes only, only what can go on from a checkpoint, has run for the
/// minimum time and was not started because it had waited too long, the lowest class and the experiment furthest above its share first, and nobody whose devices are
/// not needed. All that is needed or nobody.
/// </summary>
/// <remarks>
/// Two experiments cannot preempt each other in turns: one of them has the higher class. Where a person swaps their
/// classes, the minimum run time of what has just started holds the swap back.
/// </remarks>
internal sealed class VictimSelection(Fleet fleet, LeaseBook leases, SchedulingOptions options)
{
    private readonly List<Lease> _candidates = [];

    /// <summary>Looks for jobs that could be preempted now.</summary>
    /// <returns>The lowest class of any of them; null: there is none.</returns>
    public int? Prepare(DateTimeOffset now)
    {
        _candidates.Clear();
        foreach (var lease in leases.All)
        {
            if (CanPreempt(lease, now))
                _candidates.Add(lease);
        }

        return _candidates.Count == 0 ? null : _candidates.Min(lease => lease.Class);
    }

    /// <summary>Chooses the victims.</summary>
    /// <param name="job">A ready job that cannot start on what is free.</param>
    /// <param name="now">The time of <see cref="Prepare"/>.</param>
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
        var missing = job.Demand.Devices - CountForIt(job, kind, now);
        if (missing <= 0)
            return [];

        var candidates = _candidates
            .Where(lease => lease.Class < job.Class)
            .Select(lease => new Candidate(lease, lease.Devices.Count(device => Does(device, job, kind))))
            .Where(candidate => candidate.Devices > 0)
            .ToList();
        if (candidates.Sum(candidate => candidate.Devices) < missing)
            return null;

        return Fewest(candidates, missing, now);
    }

    private static List<Lease> Fewest(List<Candidate> candidates, int missing, DateTimeOffset now)
    {
        var chosen = new List<Candidate>();
        var taken = new Dictionary<Account, int>();
        while (missing > 0)
        {
            var next = Next(candidates, missing, account => Ranking.Claim(account, now, -taken.GetValueOrDefault(account)));
            candidates.Remove(next);
            chosen.Add(next);
            taken[next.Lease.Account] = taken.GetValueOrDefault(next.Lease.Account) + next.Lease.Devices.Count;
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

    /// <summary>
    /// Of the lowest class: one that gives no more than is needed, else the one that gives the least; of those, of the
    /// experiment that would still have the most; of that, what started last and has the least behind it.
    /// </summary>
    private static Candidate Next(List<Candidate> candidates, int missing, Func<Account, double> claimOf)
    {
        var lowest = candidates.Min(candidate => candidate.Lease.Class);
        var claims = new Dictionary<Account, double>();
        Candidate? best = null;
        foreach (var candidate in candidates)
        {
            if (candidate.Lease.Class == lowest && (best is not { } other || IsBetter(candidate, other)))
                best = candidate;
        }

        return best!.Value;

        bool IsBetter(Candidate a, Candidate b)
        {
            var (excessOfA, excessOfB) = (Math.Max(0, a.Devices - missing), Math.Max(0, b.Devices - missing));
            if (excessOfA != excessOfB)
                return excessOfA < excessOfB;

            var byClaim = Claim(a).CompareTo(Claim(b));
            return byClaim != 0 ? byClaim > 0 : a.Lease.Epoch > b.Lease.Epoch;
        }

        double Claim(Candidate candidate)
        {
            if (!claims.TryGetValue(candidate.Lease.Account, out var claim))
                claims[candidate.Lease.Account] = claim = claimOf(candidate.Lease.Account);

            return claim;
        }
    }

    private int CountForIt(WaitingJob job, string? kind, DateTimeOffset now)
    {
        var count = 0;
        foreach (var device in fleet.ByAvailability)
        {
            if (device.Availability.At > Availability.Soon.At)
                break;

            if (Does(device, job, kind) && IsForIt(device, job, now))
                count++;
        }

        return count;
    }

    private static bool Does(Device device, WaitingJob job, string? kind) =>
        device.Present && device.Type.Fits(kind, job.Demand.MemoryBytes);

    /// <summary>Free or being made free, and not for somebody whom this job must not go before.</summary>
    private bool IsForIt(Device device, WaitingJob job, DateTimeOffset now)
    {
        var comes = fleet.IsUsable(device, now) || device.Availability == Availability.Soon;
        return comes && (device.Lease?.YieldFor is not { } other || other == job.Key) && Reservations.IsFreeFor(job, device);
    }

    private bool CanPreempt(Lease lease, DateTimeOffset now) =>
        !lease.IsLeaving && !lease.IsOwed && lease.CanYield && now - lease.StartedAt >= options.MinimumRun;

    /// <summary>A job that could make room, and how many devices that would do it has.</summary>
    private readonly record struct Candidate(Lease Lease, int Devices);
}
