using Orchestrator.Grains.Scheduling.Devices;
using Orchestrator.Grains.Scheduling.Waiting;

namespace Orchestrator.Grains.Scheduling.Answers;

/// <summary>When devices become free as jobs are put on them one after the other.</summary>
internal sealed class DeviceTimeline
{
    private static readonly DateTimeOffset Never = DateTimeOffset.MaxValue;

    /// <summary>For each sort of device the times at which one becomes free.</summary>
    private readonly Dictionary<DeviceType, PriorityQueue<DateTimeOffset, DateTimeOffset>> _free = [];
    private readonly List<DeviceType> _types;
    private readonly DateTimeOffset _now;

    public DeviceTimeline(Fleet fleet, DateTimeOffset now)
    {
        _now = now;
        foreach (var device in fleet.ByAvailability)
        {
            if (device.Lease is null && !fleet.IsUsable(device, now))
                continue;

            Free(device.Type, device.Availability.Expected(now) ?? Never);
        }

        _types = [.. _free.Keys.OrderBy(type => type.Capacity).ThenBy(type => type.Kind, StringComparer.Ordinal)];
    }

    /// <summary>Puts a job on the devices that are free first, not before a given time, and says when it starts.</summary>
    /// <param name="job">The job.</param>
    /// <param name="earliest">Null: nobody can say.</param>
    public DateTimeOffset? Take(WaitingJob job, DateTimeOffset? earliest)
    {
        var taken = job.Demand.Devices == 1 ? TakeOne(job) : TakeGang(job);
        if (taken.Count == 0)
            return null;

        var start = taken.Max(device => device.At);
        start = earliest is not { } bound || start == Never ? Never : start > bound ? start : bound;
        var end = start == Never || job.Demand.Duration is not { } duration ? Never : start + duration;
        foreach (var (type, _) in taken)
            Free(type, end);

        return start == Never ? null : start;
    }

    private List<(DeviceType Type, DateTimeOffset At)> TakeOne(WaitingJob job)
    {
        (DeviceType Type, DateTimeOffset At)? best = null;
        foreach (var type in _types)
        {
            if (type.Fits(job.Demand.Kind, job.Demand.MemoryBytes) && _free[type].TryPeek(out var at, out _) && (best is null || at < best.Value.At))
                best = (type, at);
        }

        if (best is not { } found)
            return [];

        _free[found.Type].Dequeue();
        return [found];
    }

    private List<(DeviceType Type, DateTimeOffset At)> TakeGang(WaitingJob job)
    {
        var kinds = _types.Where(type => type.Fits(job.Demand.Kind, job.Demand.MemoryBytes)).GroupBy(type => type.Kind)
            .Select(kind => kind.ToList())
            .Where(kind => kind.Sum(type => _free[type].Count) >= job.Demand.Devices)
            .ToList();
        if (kinds.Count == 0)
            return [];

        // The kind whose next device comes first; the others' times stay as they are.
        var types = kinds.MinBy(kind => kind.Min(type => _free[type].TryPeek(out var at, out _) ? at : Never))!;
        var taken = new List<(DeviceType, DateTimeOffset)>();
        while (taken.Count < job.Demand.Devices)
        {
            var next = types.Where(type => _free[type].Count > 0).MinBy(type => _free[type].Peek());
            taken.Add((next, _free[next].Dequeue()));
        }

        return taken;
    }

    private void Free(DeviceType type, DateTimeOffset at)
    {
        if (!_free.TryGetValue(type, out var times))
            _free[type] = times = new PriorityQueue<DateTimeOffset, DateTimeOffset>();

        var time = at > _now ? at : _now;
        times.Enqueue(time, time);
    }
}
