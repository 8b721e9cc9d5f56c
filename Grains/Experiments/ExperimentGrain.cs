using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Abstractions;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Contracts.Runs;
using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Storage;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Grains.Experiments;

/// <summary>
/// Keeps a plan as desired state and asks for what is missing until every stage has ended. Runs tell it of their end; a
/// timer compares with runs and scheduler again and again, so that no lost message stops it. Here is what is wanted; what
/// follows from it is in the other files of this class.
/// </summary>
[GrainType("experiment")]
public sealed partial class ExperimentGrain(
    [PersistentState("experiment")] IPersistentState<ExperimentState> state,
    ArtefactStore store,
    IExperimentReporter reporter,
    JobDemands demands,
    IOptions<ExperimentOptions> options,
    TimeProvider time,
    ILogger<ExperimentGrain> logger) : DurableGrain<ExperimentState>(state), IExperimentGrain, IExperimentDemand
{
    /// <summary>What is being submitted at this moment: not durable yet, but wanted.</summary>
    private ExperimentSubmission? _submission;

    private IGrainTimer? _timer;

    private bool _cachedAttached;

    private ExperimentId Id => new(this.GetPrimaryKeyString());

    private bool IsRunning => State is { Submitted: true, Phase: ExperimentPhase.Running };

    private IExperimentRoster Roster => GrainFactory.GetGrain<IExperimentRoster>(IExperimentIndexGrain.Key);

    private ISchedulerGrain Scheduler => GrainFactory.GetGrain<ISchedulerGrain>(ISchedulerGrain.DefaultPool);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (IsRunning)
            Watch();

        return Task.CompletedTask;
    }

    public async Task Submit(ExperimentSubmission submission, CancellationToken cancellationToken)
    {
        _submission = submission;
        try
        {
            await Accept(submission);
        }
        finally
        {
            _submission = null;
        }
    }

    private async Task Accept(ExperimentSubmission submission)
    {
        await Roster.Started(Id);
        if (IsRunning && !State.CancelRequested && IsSubmitted(submission))
        {
            await Demand(submission.Demand);
            return; // the same again: it goes on
        }

        var submittedAt = time.GetUtcNow();
        var stages = await Task.Run(() => submission.Stages.Select(Consider).ToList(), CancellationToken.None);
        State.Submitted = true;
        State.Name = submission.Name;
        State.SpecText = submission.SpecText;
        State.Stages = stages;
        State.Rungs = [];
        State.Phase = ExperimentPhase.Running;
        State.CancelRequested = false;
        State.SubmittedAt = submittedAt;
        State.EndedAt = null;
        State.SummaryPath = null;
        State.Demand = submission.Demand;
        State.IsDemandPending = submission.Demand is { IsForScheduler: true };
        _cachedAttached = false;
        await Save();
        LogSubmitted(Id, stages.Count, stages.Count(stage => stage.Phase == StagePhase.Cached));
        Watch();
    }

    /// <summary>Whether it is what was submitted last: not what has taken the place of something since.</summary>
    private bool IsSubmitted(ExperimentSubmission submission) => submission.Stages.Select(stage => (stage.Key, stage.EarlyStop)).ToHashSet()
        .SetEquals(State.Stages.Where(stage => stage.Replaces is null).Select(stage => (stage.Plan.Key, stage.Plan.EarlyStop)));

    /// <summary>What is asked of the cluster may change while it runs.</summary>
    private async Task Demand(ExperimentDemand? demand)
    {
        if (demand is null || demand == State.Demand)
            return;

        State.Demand = demand;
        State.IsDemandPending = demand.IsForScheduler;
        await Save();
        Watch();
    }

    public Task<IReadOnlyList<StageKey>> Wanted() => Task.FromResult<IReadOnlyList<StageKey>>(
        [.. State.Stages.Select(stage => stage.Plan.Key), .. _submission?.Stages.Select(stage => stage.Key) ?? []]);

    public async Task Cancel(CancellationToken cancellationToken)
    {
        if (!IsRunning)
            return;

        State.CancelRequested = true;
        await Save();
        LogCancelling(Id);
        Watch();
    }

    public async Task<int> RetryFailed(CancellationToken cancellationToken)
    {
        var failed = State.Stages.FindAll(stage => stage.Phase == StagePhase.Failed);
        if (failed.Count == 0 || State.CancelRequested || State.Phase == ExperimentPhase.Cancelled)
            return 0;

        await Roster.Started(Id);
        // Collected since: what is tried again needs it.
        var stages = State.Stages; // off the turn there is no state
        var gone = await Task.Run(() => stages.FindAll(stage => stage.HasArtefact && !store.Contains(stage.Plan.Key)), CancellationToken.None);
        foreach (var stage in failed.Concat(gone))
            stage.End(StagePhase.Blocked);

        State.Phase = ExperimentPhase.Running;
        State.EndedAt = null;
        State.SummaryPath = null;
        await Save();
        LogRetrying(Id, failed.Count);
        Watch();
        return failed.Count;
    }

    public Task<ExperimentStatus?> GetStatus(CancellationToken cancellationToken)
    {
        if (!State.Submitted)
            return Task.FromResult<ExperimentStatus?>(null);

        var atRungs = WaitsAtRungs();
        return Task.FromResult<ExperimentStatus?>(new ExperimentStatus(
            Id,
            State.Name,
            State.Phase,
            State.SubmittedAt,
            State.EndedAt,
            [.. State.Stages.Select(stage => Describe(stage, atRungs.GetValueOrDefault(stage.Plan.Key)))],
            State.SummaryPath)
        {
            CancelRequested = IsRunning && State.CancelRequested,
        });
    }

    public async Task StageEnded(StageKey stage, RunOutcome outcome, CancellationToken cancellationToken)
    {
        if (State.Stages.Exists(record => record.Plan.Key == stage && record.IsActive))
            await Advance(); // asks the run itself: this message may be old
    }

    private StageRecord Consider(PlannedStage stage) => new()
    {
        Plan = stage,
        Phase = store.Contains(stage.Key) ? StagePhase.Cached : StagePhase.Blocked,
    };

    private StageStatus Describe(StageRecord stage, string? atRung) => new(
        stage.Plan.Key,
        stage.Plan.Label,
        stage.Phase,
        stage.Phase == StagePhase.Running ? _heard.GetValueOrDefault(stage.Plan.Key)?.Progress : null,
        stage.Attempts,
        stage.Reason ?? atRung ?? WhyItWaits(stage))
    {
        DependsOn = stage.Plan.DependsOn,
        Evidence = stage.Evidence,
        Replaces = stage.Replaces,
    };

    private static string? WhyItWaits(StageRecord stage) => stage.Phase switch
    {
        StagePhase.Blocked => "waits for its dependencies",
        StagePhase.Queued => "waits for a device",
        _ => null,
    };

    /// <summary>Looks at once, and from then on regularly.</summary>
    private void Watch()
    {
        _timer?.Dispose();
        _timer = this.RegisterGrainTimer(
            Reconcile, new GrainTimerCreationOptions(TimeSpan.Zero, options.Value.Reconcile) { KeepAlive = true });
    }

    private async Task Reconcile(CancellationToken cancellationToken)
    {
        try
        {
            await Advance();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogNotReconciled(e, Id); // the next tick tries again
        }
    }

    /// <summary>Does whatever the present state of affairs calls for; idempotent.</summary>
    private async Task Advance()
    {
        if (!IsRunning)
            return;

        await TellDemand();
        await AttachCached();
        do
        {
            if (State.CancelRequested)
                await Scheduler.Cancel(Id, CancellationToken.None);
            else
                await AskForReady();

            await Follow();
        }
        while (!State.CancelRequested && (StageGraph.Ready(State.Stages).Count > 0 || StageGraph.Orphans(State.Stages).Count > 0));

        if (StageGraph.End(State.Stages) is { } end)
            await Finish(end);
    }

    /// <summary>Told again after a crash in between: setting the same twice is setting it once.</summary>
    private async Task TellDemand()
    {
        if (!State.IsDemandPending || State.Demand is not { } demand)
            return;

        if (demand.Priority is { } priority)
            await Scheduler.SetPriority(Id, priority, CancellationToken.None);

        if (demand.Weight is { } weight)
            await Scheduler.SetWeight(Id, weight, CancellationToken.None);

        if (demand.MaxDevices is { } most)
            await Scheduler.SetMaxDevices(Id, most, CancellationToken.None);

        State.IsDemandPending = false;
        await Save();
    }

    private async Task Finish(ExperimentPhase end)
    {
        var endedAt = time.GetUtcNow();
        var finished = FinishedExperiment.Of(Id, State, end, endedAt);
        State.SummaryPath = await Write(finished);
        State.EndedAt = endedAt;
        State.Phase = end;
        await Save();
        LogEnded(Id, end, finished.WallSeconds);
        _timer?.Dispose();
        await Roster.Ended(Id);
    }

    /// <summary>Off the turn. A report that cannot be written is an error to be seen, not a reason never to end.</summary>
    private async Task<string?> Write(FinishedExperiment finished)
    {
        try
        {
            return await Task.Run(() => reporter.Write(finished, CancellationToken.None), CancellationToken.None);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogNotReported(e, Id);
            return null;
        }
    }
}
