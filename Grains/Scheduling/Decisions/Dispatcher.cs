using Orchestrator.Grains.Scheduling.Devices;
using Orchestrator.Grains.Scheduling.Gangs;
using Orchestrator.Grains.Scheduling.Leases;
using Orchestrator.Grains.Scheduling.Preemption;
using Orchestrator.Grains.Scheduling.Records;
using Orchestrator.Grains.Scheduling.Shares;
using Orchestrator.Grains.Scheduling.Waiting;

namespace Orchestrator.Grains.Scheduling.Decisions;

/// <summary>Finds the next thing to do: one at a time, always from the present state of everything.</summary>
internal sealed class Dispatcher(
    Fleet fleet,
    Accounts accounts,
    LeaseBook leases,
    Reservations reservations,
    Ranking ranking,
    VictimSelection victims,
    Recorder recorder,
    SchedulingOptions options)
{
    /// <summary>Leases that are asked to make room at the same time: what a large urgent sweep needs, it gets in waves.</summary>
    private const int MostYielding = 64;

    private readonly Placement _placement = new(fleet);
    private readonly List<Device> _candidates = [];
    private readonly FailedPlacements _failed = new();
    private readonly List<WaitingJob> _promised = [];
    private DateTimeOffset _now;
    private bool _anyFree;

    /// <summary>The next decision; null: nothing can be done before something happens.</summary>
    public Decision? Next(DateTimeOffset now)
    {
        _now = now;
        if (OfPaused() is { } yield)
            return yield;

        _anyFree = AnyFree();
        var lowestVictim = victims.Prepare(now);
        if (!_anyFree && lowestVictim is null)
            return null;

        _failed.Clear();
        VoidPromises();
        reservations.Plan(now);
        _promised.Clear();
        _promised.AddRange(reservations.Jobs);
        return Promised(job => reservations.IsUrgent(job, now)) ?? Overdue() ?? Ranked(lowestVictim);
    }

    /// <summary>What still runs of paused experiments, as far as it can go on later.</summary>
    private YieldDecision? OfPaused()
    {
        foreach (var account in accounts.All)
        {
            if (!account.Paused || account.Held == 0)
                continue;

            var running = leases.All
                .Where(lease => lease.Account == account && lease is { IsYielding: false, Cancelled: false, CanYield: true })
                .ToList();
            if (running.Count > 0)
                return new YieldDecision(running, null, $"{account.Experiment} is paused");
        }

        return null;
    }

    private bool AnyFree()
    {
        foreach (var device in fleet.Free)
        {
            if (fleet.IsUsable(device, _now))
                return true;
        }

        return false;
    }

    private void VoidPromises()
    {
        foreach (var job in reservations.Void())
        {
            reservations.Remove(job);
            recorder.PromisesChanged();
        }
    }

    /// <summary>A job whose promised devices are all free now, if it is one of those whose turn has come.</summary>
    private StartDecision? Promised(Predicate<WaitingJob> hasTurn)
    {
        if (!_anyFree)
            return null;

        for (var i = 0; i < _promised.Count; i++)
        {
            var job = _promised[i];
            if (!hasTurn(job))
                continue;

            _promised.RemoveAt(i--);
            if (TryPlace(job) is { } start)
                return start with { IsOwed = job.Line.IsOverdue(_now, options) && job.Line.Head(fleet) == job };
        }

        return null;
    }

    /// <summary>A first job that waited too long; it goes before every class.</summary>
    private StartDecision? Overdue()
    {
        if (!_anyFree)
            return null;

        if (!AnyOverdue())
            return null;

        var overdue = accounts.All.SelectMany(account => account.Lines)
            .Where(line => line.IsOverdue(_now, options))
            .OrderBy(line => line.Since)
            .ThenByDescending(line => line.Class)
            .ThenBy(line => line.Account.Experiment.Value, StringComparer.Ordinal);
        foreach (var line in overdue)
        {
            if (line.Head(fleet) is not { } head || !line.Account.MayHold(head.Demand.Devices))
                continue;

            if (TryPlace(head) is { } start)
                return start with { IsOwed = true };

            Promise(head);
            if (TryPlace(head) is { } kept)
                return kept with { IsOwed = true }; // on a device that was kept for somebody less urgent
        }

        return null;
    }

    private bool AnyOverdue()
    {
        foreach (var account in accounts.All)
        {
            foreach (var line in account.Lines)
            {
                if (line.IsOverdue(_now, options))
                    return true;
            }
        }

        return false;
    }

    private Decision? Ranked(int? lowestVictim)
    {
        foreach (var ranked in ranking.Rank(_now))
        {
            if (Promised(job => job.Class >= ranked.Line.Class) is { } promised)
                return promised;

            if (_anyFree && Place(ranked) is { } start)
                return start;

            if (lowestVictim < ranked.Line.Class && Preempt(ranked.Line) is { } yield)
                return yield;
        }

        return Promised(_ => true);
    }

    private StartDecision? Place(RankedLine ranked)
    {
        while (ranked.Line.NextCandidate(fleet, _failed.Contains) is { } job)
        {
            if (TryPlace(job) is { } start)
                return start;
        }

        if (CanCollect(ranked.Head))
            Promise(ranked.Head);

        return null;
    }

    /// <summary>
    /// Whether it is a gang whose turn it is for a device that is free: it takes that one, and waits for the others. A
    /// job of one device has no use for a promise, since the next device that does is a turn of its own.
    /// </summary>
    private bool CanCollect(WaitingJob job)
    {
        if (job.Demand.Devices == 1 || job.PromisedSince is not null)
            return false;

        foreach (var device in fleet.Free)
        {
            if (Reservations.IsFreeFor(job, device) && device.Type.Fits(job.Demand.Kind, job.Demand.MemoryBytes) && fleet.IsUsable(device, _now))
                return true;
        }

        return false;
    }

    /// <summary>Makes room for the first job of a line for which nobody was asked already.</summary>
    private YieldDecision? Preempt(Line line)
    {
        if (leases.Yielding.Count >= MostYielding || line.First(fleet, reservations.IsPreempting) is not { } job)
            return null;

        var more = job.PromisedSince is null ? job.Demand.Devices : 0;
        if (_failed.ContainsPreemption(job) || !job.Account.MayHold(job.Account.Promised + more))
            return null;

        var chosen = victims.Choose(job, _now);
        if (chosen is { Count: > 0 })
            return new YieldDecision(chosen, job, $"{job.Job.Id} of {job.Account.Experiment} has class {job.Class}, which is above class {chosen.Max(lease => lease.Class)}");

        if (chosen is null)
            _failed.AddPreemption(job);

        return null;
    }

    private void Promise(WaitingJob job)
    {
        if (job.PromisedSince is not null || !reservations.Add(job, _now))
            return;

        recorder.PromisesChanged();
        reservations.Plan(_now);
    }

    private StartDecision? TryPlace(WaitingJob job)
    {
        _candidates.Clear();
        foreach (var device in fleet.Free)
        {
            if (device.Type.Fits(job.Demand.Kind, job.Demand.MemoryBytes) && Reservations.Allow(job, device, _now)
                && fleet.IsUsable(device, _now))
            {
                _candidates.Add(device);
            }
        }

        if (_placement.Choose(job, _candidates) is { } devices)
            return new StartDecision(job, devices);

        _failed.Add(job);
        return null;
    }
}
