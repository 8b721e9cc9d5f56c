using Orchestrator.Grains.Scheduling.Devices;
using Orchestrator.Grains.Scheduling.Leases;
using Orchestrator.Grains.Scheduling.Waiting;

namespace Orchestrator.Grains.Scheduling.Gangs;

/// <summary>
/// Jobs whose turn came when too few devices were free for them. The next devices that do are kept for each, so that
/// smaller jobs cannot take them one by one for ever; until there are enough, others may use those that are free
/// already, provided that they are expected to end in time.
/// </summary>
/// <remarks>
/// A promise holds until the job starts. The devices of a promise are chosen anew for each decision: whichever are expected
/// to be free first. What is let in between ends before the promise is due, so that its day never moves because of it;
/// when that day has come and jobs overrun their estimates, nothing is let in any more, and the job starts when they end.
/// </remarks>
internal sealed class Reservations(Fleet fleet, WaitingRoom waiting, LeaseBook leases, SchedulingOptions options)
{
    private readonly List<WaitingJob> _jobs = [];
    private readonly List<Device> _promised = [];
    private readonly List<Device> _chosen = [];

    /// <summary>Those with a promise; since the last plan, the first one chooses first.</summary>
    public IReadOnlyList<WaitingJob> Jobs => _jobs;

    /// <summary>Gives a promise, if need be instead of the least urgent one.</summary>
    /// <returns>False: all other promises are more urgent, and as many as there may be.</returns>
    public bool Add(WaitingJob job, DateTimeOffset now)
    {
        if (job.PromisedSince is not null)
            return true;

        // What others were preempted for does not count: its devices are about to be free.
        var limited = IsPreempting(job) ? [] : _jobs.FindAll(other => !IsPreempting(other));
        if (limited.Count >= options.Reservations)
        {
            var last = limited.MaxBy(other => UrgencyOf(other, now))!;
            if (UrgencyOf(job, now).CompareTo(UrgencyOf(last, now)) >= 0)
                return false;

            Remove(last);
        }

        Restore(job, now);
        return true;
    }

    public void Restore(WaitingJob job, DateTimeOffset since)
    {
        job.PromisedSince = since;
        job.Account.Promised += job.Demand.Devices;
        _jobs.Add(job);
    }

    /// <returns>Whether it had a promise.</returns>
    public bool Remove(WaitingJob job)
    {
        if (!_jobs.Remove(job))
            return false;

        job.PromisedSince = null;
        job.Account.Promised -= job.Demand.Devices;
        return true;
    }

    /// <summary>Promises that cannot be kept as things are: paused, at a limit, computed elsewhere, devices gone.</summary>
    public IReadOnlyList<WaitingJob> Void() => _jobs.Count == 0 ? [] : [.. _jobs.Where(job => !CanKeep(job))];

    /// <summary>Chooses the devices of every promise.</summary>
    public void Plan(DateTimeOffset now)
    {
        foreach (var device in _promised)
            (device.PromisedTo, device.PromisedFrom) = (null, null); // their class says nothing then

        _promised.Clear();
        if (_jobs.Count > 1)
        {
            var byUrgency = _jobs.OrderBy(job => UrgencyOf(job, now)).ToList();
            _jobs.Clear();
            _jobs.AddRange(byUrgency);
        }

        foreach (var job in _jobs)
            Choose(job, now);
    }

    /// <summary>The devices that the plan chose for a job, the earliest first.</summary>
    public IEnumerable<Device> DevicesOf(WaitingJob job) => _promised.Where(device => device.PromisedTo == job);

    /// <summary>Whether a job may have a free device now without breaking a promise that it must not break.</summary>
    public static bool Allow(WaitingJob job, Device device, DateTimeOffset now) =>
        IsFreeFor(job, device)
        || (device.PromisedFrom is { } from && job.Demand.Duration is { } duration && now + duration <= from);

    /// <summary>Whether a device is promised to nobody else, or only to a lower class.</summary>
    public static bool IsFreeFor(WaitingJob job, Device device) =>
        device.PromisedTo is null || device.PromisedTo == job || device.PromisedClass < job.Class;

    /// <summary>Whether a promise goes before every class: others were preempted for it, or it waited too long.</summary>
    public bool IsUrgent(WaitingJob job, DateTimeOffset now) => IsPreempting(job) || IsOverdue(job, now);

    /// <summary>Whether others were asked to make room for a job, and have not done so yet.</summary>
    public bool IsPreempting(WaitingJob job)
    {
        foreach (var lease in leases.Yielding)
        {
            if (lease.YieldFor == job.Key)
                return true;
        }

        return false;
    }

    private bool CanKeep(WaitingJob job) =>
        job is { IsReady: true, Account.Paused: false } && job.Account.MayHold(job.Demand.Devices)
        && fleet.CountFitting(job.Shape) >= job.Demand.Devices;

    private Urgency UrgencyOf(WaitingJob job, DateTimeOffset now) => new(
        IsPreempting(job),
        IsOverdue(job, now),
        job.Class,
        job.PromisedSince ?? now,
        job.Account.Experiment.Value,
        job.Order);

    private bool IsOverdue(WaitingJob job, DateTimeOffset now) => job.Line.IsOverdue(now, options) && job.Line.Head(fleet) == job;

    private void Choose(WaitingJob job, DateTimeOffset now)
    {
        _chosen.Clear();
        var kind = FirstKindWithEnough(job, now);
        if (kind is null)
            return;

        foreach (var device in fleet.ByAvailability)
        {
            if (_chosen.Count < job.Demand.Devices && device.Type.Kind == kind && CanPromise(device, job, now))
                _chosen.Add(device);
        }

        var from = _chosen[^1].Availability.Expected(now);
        var strength = IsUrgent(job, now) ? int.MaxValue : job.Class;
        foreach (var device in _chosen)
            (device.PromisedTo, device.PromisedFrom, device.PromisedClass) = (job, from, strength);

        _promised.AddRange(_chosen);
    }

    /// <summary>A gang's devices are of one kind: of the one that has enough of them first.</summary>
    private string? FirstKindWithEnough(WaitingJob job, DateTimeOffset now)
    {
        Dictionary<string, int>? counts = null;
        foreach (var device in fleet.ByAvailability)
        {
            if (!CanPromise(device, job, now))
                continue;

            if (job.Demand.Devices == 1)
                return device.Type.Kind;

            counts ??= [];
            var count = counts.GetValueOrDefault(device.Type.Kind) + 1;
            if (count == job.Demand.Devices)
                return device.Type.Kind;

            counts[device.Type.Kind] = count;
        }

        return null;
    }

    private bool CanPromise(Device device, WaitingJob job, DateTimeOffset now) =>
        device.PromisedTo is null
        && device.Type.Fits(job.Demand.Kind, job.Demand.MemoryBytes)
        && (device.Lease is not null || fleet.IsUsable(device, now))
        && !IsKeptForOther(device, job);

    /// <summary>What was preempted for one job is that job's, so that no more need be preempted for it.</summary>
    private bool IsKeptForOther(Device device, WaitingJob job) =>
        (device.Lease?.YieldFor ?? device.KeptFor) is { } key && key != job.Key && waiting.Contains(key);
}
