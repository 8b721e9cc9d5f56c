using Orchestrator.Contracts.Experiments;
using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Client.Commands;

/// <summary>An experiment with its place among the others.</summary>
/// <param name="Status">What is known of it.</param>
/// <param name="Share">What it may have of the devices, and has.</param>
internal sealed record ExperimentOverview(ExperimentStatus Status, ExperimentShare Share)
{
    /// <summary>What waits of it waits for room on the store's disk.</summary>
    public bool WaitsForRoom { get; init; }

    /// <summary>Waiting jobs that are looked at for all experiments together.</summary>
    private const int MostAsked = 1_000;

    /// <summary>Computed, or not worth it.</summary>
    public int StagesDone => Status.Stages.Count(stage => stage.Phase.IsDone());

    /// <summary>In a word: what it does, or how it ended.</summary>
    public string State => Status.Phase != ExperimentPhase.Running ? Status.Phase.ToString().ToLowerInvariant()
        : Status.CancelRequested ? "cancelling"
        : Share.Paused ? "paused"
        : Status.Stages.Any(stage => stage.Phase == StagePhase.Running) ? "running"
        : WaitsForRoom ? "disk full"
        : "waiting";

    public static ISchedulerGrain Scheduler(IGrainFactory grains) => grains.GetGrain<ISchedulerGrain>(ISchedulerGrain.DefaultPool);

    /// <summary>All of them, newest first.</summary>
    public static async Task<IReadOnlyList<ExperimentOverview>> All(IGrainFactory grains, CancellationToken cancellationToken)
    {
        var statuses = await ExperimentLookup.All(grains, cancellationToken);
        var shares = (await Scheduler(grains).GetShares(cancellationToken)).ToDictionary(share => share.Experiment);
        var queue = statuses.Any(HasQueued) ? await Scheduler(grains).Queue(0, MostAsked, cancellationToken) : new QueuePage(0, []);
        var full = queue.Jobs.Where(job => job.Reason == WaitReason.DiskFull).Select(job => job.Experiment).ToHashSet();
        return [.. statuses.Select(status => new ExperimentOverview(status, shares.GetValueOrDefault(status.Id) ?? Default(status)) { WaitsForRoom = full.Contains(status.Id) })];
    }

    /// <summary>The one with this id, or the only one whose id begins so.</summary>
    /// <exception cref="CommandFailure">None, or more than one.</exception>
    public static async Task<ExperimentOverview> One(IGrainFactory grains, string prefix, CancellationToken cancellationToken)
    {
        var status = await ExperimentLookup.One(grains, prefix, cancellationToken);
        return await Of(grains, status, cancellationToken);
    }

    public static async Task<ExperimentOverview> Of(IGrainFactory grains, ExperimentStatus status, CancellationToken cancellationToken)
    {
        var shares = await Scheduler(grains).GetShares(cancellationToken);
        var first = HasQueued(status) ? await Scheduler(grains).Explain(status.Id, 1, cancellationToken) : [];
        return new ExperimentOverview(status, shares.FirstOrDefault(share => share.Experiment == status.Id) ?? Default(status))
        {
            WaitsForRoom = first.Any(wait => wait.Reason == WaitReason.DiskFull),
        };
    }

    private static bool HasQueued(ExperimentStatus status) =>
        status.Phase == ExperimentPhase.Running && status.Stages.Any(stage => stage.Phase == StagePhase.Queued);

    /// <summary>The scheduler knows nothing of it: nothing was set, and nothing waits.</summary>
    private static ExperimentShare Default(ExperimentStatus status) => new(status.Id, 1, 0, null, false, 0, 0, 0);
}
