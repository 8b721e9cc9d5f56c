using Orchestrator.Grains.Scheduling.Devices;
using Orchestrator.Grains.Scheduling.Gangs;
using Orchestrator.Grains.Scheduling.Leases;
using Orchestrator.Grains.Scheduling.Shares;
using Orchestrator.Grains.Scheduling.Waiting;

namespace Orchestrator.Grains.Scheduling.Answers;

/// <summary>
/// The order in which waiting jobs are expected to start, and when: every line in turn by what its experiment would then
/// have had, every job on the devices that are free first. It changes nothing and promises nothing: what comes later,
/// fails or takes longer is not in it.
/// </summary>
internal sealed class Forecast(Fleet fleet, Accounts accounts, LeaseBook leases, Reservations reservations)
{
    /// <summary>All jobs that can start some day, the next first; lazily, so that the first few are cheap.</summary>
    public IEnumerable<ForecastStart> Starts(DateTimeOffset now)
    {
        var timeline = new DeviceTimeline(fleet, now);
        var limits = new LimitTimeline(leases, now);
        foreach (var job in reservations.Jobs)
            yield return Place(job);

        var turns = new PriorityQueue<LineCursor, (int Class, double Claim, string Experiment)>();
        foreach (var line in accounts.All.Where(account => !account.Paused).SelectMany(account => account.Lines))
        {
            if (LineCursor.Open(line, fleet) is { } cursor)
                turns.Enqueue(cursor, cursor.Turn(now));
        }

        while (turns.TryDequeue(out var cursor, out _))
        {
            yield return Place(cursor.Current);
            if (cursor.MoveNext())
                turns.Enqueue(cursor, cursor.Turn(now));
        }

        ForecastStart Place(WaitingJob job)
        {
            var earliest = limits.Earliest(job);
            var at = timeline.Take(job, earliest);
            limits.Start(job, at);
            return new ForecastStart(job, at);
        }
    }
}

/// <summary>A job and when it is expected to start; null: that hangs on a job whose duration nobody knows.</summary>
internal readonly record struct ForecastStart(WaitingJob Job, DateTimeOffset? At);
