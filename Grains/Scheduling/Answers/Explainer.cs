using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Scheduling.Devices;
using Orchestrator.Grains.Scheduling.Gangs;
using Orchestrator.Grains.Scheduling.Leases;
using Orchestrator.Grains.Scheduling.Shares;
using Orchestrator.Grains.Scheduling.Waiting;

namespace Orchestrator.Grains.Scheduling.Answers;

/// <summary>Says of waiting jobs where they stand: their place, and when they may start.</summary>
internal sealed class Explainer(
    Fleet fleet, Accounts accounts, WaitingRoom waiting, LeaseBook leases, Reservations reservations, Ranking ranking)
{
    private readonly Forecast _forecast = new(fleet, accounts, leases, reservations);

    /// <summary>Part of the queue: what can start in expected order, then what cannot.</summary>
    public QueuePage Page(int offset, int count, DateTimeOffset now)
    {
        var reasons = Reasons(now);
        var jobs = All(now).Skip(offset).Take(count).Select(place => Explain(place, reasons)).ToList();
        return new QueuePage(waiting.Count, jobs);
    }

    /// <summary>The first jobs of an experiment.</summary>
    public IReadOnlyList<WaitExplanation> Of(Account account, int count, DateTimeOffset now)
    {
        var reasons = Reasons(now);
        var wanted = Math.Min(count, account.Jobs.Count);
        return [.. All(now).Where(place => place.Job.Account == account).Take(wanted).Select(place => Explain(place, reasons))];
    }

    private WaitReasons Reasons(DateTimeOffset now)
    {
        reservations.Plan(now);
        return new WaitReasons(fleet, waiting, leases, reservations, [.. ranking.Rank(now)], now);
    }

    private IEnumerable<Place> All(DateTimeOffset now)
    {
        var startable = new HashSet<WaitingJob>();
        var own = new Dictionary<Account, int>();
        foreach (var start in _forecast.Starts(now))
        {
            startable.Add(start.Job);
            var behind = own.GetValueOrDefault(start.Job.Account);
            own[start.Job.Account] = behind + 1;
            yield return new Place(start.Job, startable.Count, behind, start.At);
        }

        foreach (var account in accounts.All)
        {
            foreach (var job in account.Jobs.Where(job => !startable.Contains(job)))
                yield return new Place(job, null, 0, null);
        }
    }

    private static WaitExplanation Explain(Place place, WaitReasons reasons)
    {
        var job = place.Job;
        var cause = reasons.Of(job, place.BehindOwn);
        return new WaitExplanation(
            job.Job.Id,
            job.Account.Experiment,
            [.. job.Job.Stages.Select(stage => stage.Key)],
            job.QueuedAt,
            cause.Reason,
            cause.Text,
            place.Position,
            place.BehindOwn,
            cause.Blocker,
            place.At);
    }

    private readonly record struct Place(WaitingJob Job, int? Position, int BehindOwn, DateTimeOffset? At);
}
