using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Scheduling.Records;
using Orchestrator.Grains.Scheduling.Shares;

namespace Orchestrator.Grains.Scheduling.Waiting;

/// <summary>A job in the queue.</summary>
internal sealed class WaitingJob(JobRequest job, Account account, long order, DateTimeOffset queuedAt, string? lastHost)
{
    public static IComparer<WaitingJob> ByOrder { get; } = Comparer<WaitingJob>.Create((a, b) => a.Order.CompareTo(b.Order));

    public JobRequest Job { get; } = job;

    public JobDemand Demand { get; } = job.Demand ?? JobDemand.None;

    public Account Account { get; } = account;

    /// <summary>Its place in its experiment's queue: unique in the pool, less is earlier.</summary>
    public long Order { get; } = order;

    public DateTimeOffset QueuedAt { get; } = queuedAt;

    /// <summary>Where it was computed last, so that its checkpoint may lie there; null: it never was.</summary>
    public string? LastHost { get; } = lastHost;

    /// <summary>
    /// Two experiments that want the same stages queue them both: whoever's turn comes first computes them, and the
    /// other's job has then nothing left to do.
    /// </summary>
    public QueueKey Key => new(Account.Experiment, Job.Id);

    /// <summary>The jobs of its experiment and class.</summary>
    public Line Line { get; set; } = null!;

    public JobShape Shape { get; set; }

    /// <summary>Stages of it that are being computed in other jobs: while there are any, it is not ready.</summary>
    public int StagesElsewhere { get; set; }

    /// <summary>Since when it has the promise of devices; null: it has none.</summary>
    public DateTimeOffset? PromisedSince { get; set; }

    public bool IsReady => StagesElsewhere == 0;

    public int Class => Line.Class;
}
