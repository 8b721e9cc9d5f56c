using System.Globalization;
using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Scheduling.Devices;
using Orchestrator.Grains.Scheduling.Gangs;
using Orchestrator.Grains.Scheduling.Leases;
using Orchestrator.Grains.Scheduling.Shares;
using Orchestrator.Grains.Scheduling.Waiting;

namespace Orchestrator.Grains.Scheduling.Answers;

/// <summary>Finds what holds a job back; of several things the one that would have to change first.</summary>
internal sealed class WaitReasons(
    Fleet fleet, WaitingRoom waiting, LeaseBook leases, Reservations reservations, IReadOnlyList<RankedLine> ranked, DateTimeOffset now)
{
    private const double Gibibyte = 1L << 30;
    private const double Mebibyte = 1L << 20;

    /// <summary>A reason, the same in words, and whom it names.</summary>
    public WaitCause Of(WaitingJob job, int behindOwn)
    {
        var cause = Impossible(job) ?? Promised(job);
        if (cause is not null)
            return cause;

        if (behindOwn > 0)
            return BehindOwn(job, behindOwn);

        return First(job);
    }

    private WaitCause? Impossible(WaitingJob job)
    {
        var (account, demand) = (job.Account, job.Demand);
        if (account.Paused)
            return new(WaitReason.Paused, $"{account.Experiment} is paused", account.Experiment.Value);

        if (!job.IsReady)
            return Elsewhere(job);

        if (account.MaxDevices < demand.Devices)
            return new(WaitReason.LimitReached, $"it needs {Devices(demand.Devices)} at once and {account.Experiment} may hold {account.MaxDevices}", account.Experiment.Value);

        return NoDevices(demand) ?? DiskFull();
    }

    /// <summary>Every device that is there waits for room on the store's disk.</summary>
    private WaitCause? DiskFull()
    {
        var idle = fleet.Devices.Where(device => device is { Present: true, Lease: null }).ToList();
        if (idle.Count == 0 || idle.Exists(device => !device.IsDiskFull))
            return null;

        var device = idle.MinBy(found => found.RequiredBytes - found.FreeBytes)!;
        return new(
            WaitReason.DiskFull,
            string.Create(CultureInfo.InvariantCulture, $"the store's disk is full: {device.FreeBytes / Mebibyte:0.0} MiB are free, {device.RequiredBytes / Mebibyte:0.0} MiB are needed; it goes on by itself when there is room"),
            device.Name);
    }

    private WaitCause Elsewhere(WaitingJob job)
    {
        var stage = job.Job.Stages.First(stage => waiting.IsComputed(stage.Key)).Key;
        var other = leases.All.First(lease => lease.Job.Stages.Any(computed => computed.Key == stage));
        return new(
            WaitReason.ComputedElsewhere,
            $"{stage} is being computed by {other.Job.Id} of {other.Account.Experiment} on {other.Leader.Name}; nothing is computed twice",
            other.Job.Id);
    }

    private WaitCause? NoDevices(JobDemand demand)
    {
        var present = fleet.Devices.Where(device => device.Present).ToList();
        var ofKind = present.FindAll(device => demand.Kind is null || device.Type.Kind == demand.Kind);
        if (ofKind.Count == 0)
            return new(WaitReason.NoDevice, demand.Kind is null ? "no device is there" : $"no device of kind {demand.Kind} is there", null);

        var fitting = ofKind.FindAll(device => device.Type.Fits(demand.Kind, demand.MemoryBytes));
        if (fitting.Count == 0)
        {
            var largest = ofKind.MaxBy(device => device.Type.Capacity)!;
            return new(
                WaitReason.TooLittleMemory,
                string.Create(CultureInfo.InvariantCulture, $"it needs {demand.MemoryBytes / Gibibyte:0.0} GiB on a device and the largest one, {largest.Name}, has {largest.Type.Capacity / Gibibyte:0.0} GiB"),
                null);
        }

        var most = fitting.CountBy(device => device.Type.Kind).Max(kind => kind.Value);
        return most < demand.Devices
            ? new(WaitReason.GangTooLarge, $"it needs {Devices(demand.Devices)} at once and {most} that would do are there", null)
            : null;
    }

    private WaitCause? Promised(WaitingJob job)
    {
        if (job.PromisedSince is null)
            return null;

        var yielding = leases.Yielding.Where(lease => lease.YieldFor == job.Key).ToList();
        if (yielding.Count > 0)
        {
            return new(
                WaitReason.Preempting,
                $"{string.Join(", ", yielding.Select(lease => $"{lease.Job.Id} of {lease.Account.Experiment}"))} was asked to make room after a checkpoint",
                yielding[0].Job.Id);
        }

        var devices = reservations.DevicesOf(job).ToList();
        var free = devices.Count(device => fleet.IsUsable(device, now));
        if (devices.Count > 0 && free == devices.Count)
            return new(WaitReason.Next, "the next decision starts it", null);

        var last = devices.LastOrDefault(device => device.Lease is not null);
        return new(
            WaitReason.GangWaits,
            job.Demand.Devices == 1
                ? $"{last?.Name ?? "a device"} is kept for it and is still at work"
                : $"{free} of the {job.Demand.Devices} devices that it needs at once are free and kept for it; the others are still at work",
            last?.Lease?.Job.Id);
    }

    private WaitCause BehindOwn(WaitingJob job, int behindOwn)
    {
        var head = job.Account.Lines.Select(line => line.Head(fleet)).OfType<WaitingJob>().OrderByDescending(first => first.Class).ThenBy(first => first.Order).First();
        var why = head == job ? "" : $"; the first of these waits because {Of(head, 0).Text}";
        return new(WaitReason.BehindOwn, $"{behindOwn} {(behindOwn == 1 ? "job" : "jobs")} of {job.Account.Experiment} go before it{why}", head.Job.Id);
    }

    private WaitCause First(WaitingJob job)
    {
        var account = job.Account;
        if (!account.MayHold(job.Demand.Devices))
        {
            return new(
                WaitReason.LimitReached,
                $"{account.Experiment} holds {account.Held} of the {account.MaxDevices} devices that it may, and this job needs {job.Demand.Devices}",
                account.Experiment.Value);
        }

        var before = ranked.TakeWhile(line => line.Line != job.Line).ToList();
        if (before.Find(line => line.Line.Class > job.Class) is { Line: { } higher })
            return new(WaitReason.LowerPriority, $"{higher.Account.Experiment} goes first with class {higher.Class}; this job has class {job.Class}", higher.Account.Experiment.Value);

        if (before.Count > 0)
            return ShareUsedUp(account, before);

        return fleet.Free.Any(device => device.Type.Fits(job.Demand.Kind, job.Demand.MemoryBytes) && fleet.IsUsable(device, now) && Reservations.Allow(job, device, now))
            && job.Demand.Devices == 1
            ? new(WaitReason.Next, "the next decision starts it", null)
            : new(WaitReason.NoDeviceFree, $"it is first in line, and no {(job.Demand.Devices == 1 ? "device that would do is" : $"{Devices(job.Demand.Devices)} that would do are")} free", null);
    }

    private static WaitCause ShareUsedUp(Account account, List<RankedLine> before)
    {
        var others = before.Select(line => line.Line.Account).Where(other => other != account).Distinct().ToList();
        var names = string.Join(", ", others.Take(3).Select(other => other.Experiment.Value));
        var more = others.Count > 3 ? $" and {others.Count - 3} more" : "";
        return new(
            WaitReason.ShareUsedUp,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{account.Experiment} holds {Devices(account.Held)} at weight {account.Weight:0.###}, and {names}{more} had less of their share"),
            others.FirstOrDefault()?.Experiment.Value);
    }

    private static string Devices(int count) => count == 1 ? "1 device" : $"{count} devices";
}

/// <summary>A reason, the same in words, and whom it names.</summary>
internal sealed record WaitCause(WaitReason Reason, string Text, string? Blocker);
