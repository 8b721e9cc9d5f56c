using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Contracts.Features;
using Orchestrator.Contracts.Runs;
using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Storage;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Grains.Experiments;

/// <summary>
/// Keeps a plan as desired state and asks for what is missing until every stage has ended. Runs tell it of their end; a
/// timer compares with runs and scheduler again and again, so that no lost message stops it.
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
    private const int MostRestorations = 3;

    /// <summary>What is being submitted at this moment: not durable yet, but wanted.</summary>
    private ExperimentSubmission? _submission;

    /// <summary>The last that was heard from runs that are on a device.</summary>
    private readonly Dictionary<StageKey, RunProgress?> _progress = [];

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
        if (IsRunning && !State.CancelRequested
            && submission.Stages.Select(stage => stage.Key).ToHashSet().SetEquals(State.Stages.Select(stage => stage.Plan.Key)))
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

    public Task<ExperimentStatus?> GetStatus(CancellationToken cancellationToken) => Task.FromResult(State.Submitted
        ? new ExperimentStatus(
            Id, State.Name, State.Phase, State.SubmittedAt, State.EndedAt, [.. State.Stages.Select(Describe)], State.SummaryPath)
        {
            CancelRequested = IsRunning && State.CancelRequested,
        }
        : null);

    public async Task StageEnded(StageKey stage, RunOutcome outcome, CancellationToken cancellationToken)
    {
        if (State.Stages.Exists(record => record.Plan.Key == stage && record.IsActive))
            await Advance(); // asks the run itself: this message may be old
    }

    private static StagePhase PhaseOf(StageRecord stage, IReadOnlySet<StageKey> leased) =>
        leased.Contains(stage.Plan.Key) ? StagePhase.Running : StagePhase.Queued;

    private StageRecord Consider(PlannedStage stage) => new()
    {
        Plan = stage,
        Phase = store.Contains(stage.Key) ? StagePhase.Cached : StagePhase.Blocked,
    };

    private StageStatus Describe(StageRecord stage) => new(
        stage.Plan.Key,
        stage.Plan.Label,
        stage.Phase,
        stage.Phase == StagePhase.Running ? _progress.GetValueOrDefault(stage.Plan.Key) : null,
        stage.Attempts,
        stage.Reason ?? WhyItWaits(stage))
    {
        DependsOn = stage.Plan.DependsOn,
        Evidence = stage.Evidence,
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
        while (!State.CancelRequested && StageGraph.Ready(State.Stages).Count > 0);

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

    /// <summary>What was computed for a store whose state is new must be made known too.</summary>
    private async Task AttachCached()
    {
        if (_cachedAttached)
            return;

        foreach (var stage in State.Stages.Where(stage => stage.Phase == StagePhase.Cached))
            await Attach(stage.Plan);

        _cachedAttached = true;
    }

    /// <summary>Makes the runs of ready stages wait for their turn.</summary>
    private async Task AskForReady()
    {
        var changed = StageGraph.FailDependents(State.Stages);
        var ready = StageGraph.Ready(State.Stages);
        foreach (var stage in ready)
        {
            // The run is told before this grain notes it: told twice does no harm, not told would hang.
            await GrainFactory.StageRun(stage.Plan.Key).Await(Id, stage.Plan, CancellationToken.None);
            stage.Phase = StagePhase.Queued;
        }

        if (changed || ready.Count > 0)
            await Save();
    }

    /// <summary>Learns how active stages are, and queues those that neither scheduler nor device knows.</summary>
    private async Task Follow()
    {
        var active = State.Stages.Where(stage => stage.IsActive).ToList();
        if (active.Count > 0)
        {
            // The scheduler first: a job that ends in between is then seen as ended, not as forgotten.
            var places = await Locate(active);
            foreach (var stage in active)
                await Hear(stage);

            active.RemoveAll(stage => !stage.IsActive);
            var leased = places.Leased.ToHashSet();
            foreach (var stage in active)
                stage.Phase = PhaseOf(stage, leased);

            if (!State.CancelRequested)
                await Queue(active.Where(stage => !leased.Contains(stage.Plan.Key)), places.Queued.ToHashSet());
        }

        if (State.CancelRequested)
            await CancelIdle();
    }

    private async Task Hear(StageRecord stage)
    {
        var run = await GrainFactory.StageRun(stage.Plan.Key).GetStatus(CancellationToken.None);
        stage.Attempts = run.Attempts;
        _progress[stage.Plan.Key] = run.Progress;
        if (run.Outcome is { } outcome)
            await Conclude(stage, outcome);
    }

    private async Task Queue(IEnumerable<StageRecord> stages, HashSet<StageKey> queued)
    {
        var missing = stages.Where(stage => !queued.Contains(stage.Plan.Key)).ToList();
        if (missing.Count == 0)
            return;

        var all = State.Stages.ConvertAll(stage => stage.Plan);
        var memory = State.Demand?.MemoryBytes;
        var estimate = await Task.Run(() => demands.Of(all, missing.ConvertAll(stage => stage.Plan), memory), CancellationToken.None);
        await Scheduler.EnqueueAll([.. StageGraph.Jobs(Id, missing, estimate)], CancellationToken.None);
    }

    private Task<StagePlaces> Locate(List<StageRecord> stages) =>
        Scheduler.Locate(Id, stages.ConvertAll(stage => stage.Plan.Key), CancellationToken.None);

    /// <summary>Ends what was cancelled; a stage on a device ends when its run says so, after its checkpoint.</summary>
    private async Task CancelIdle()
    {
        var open = State.Stages.FindAll(stage => !stage.HasEnded);
        var stopping = (await Locate(open)).Held.ToHashSet();
        var idle = open.FindAll(stage => !stopping.Contains(stage.Plan.Key));
        foreach (var stage in idle)
            stage.End(StagePhase.Cancelled);

        if (idle.Count > 0)
            await Save();
    }

    private async Task Conclude(StageRecord stage, RunOutcome outcome)
    {
        switch (outcome.End)
        {
            case RunEnd.Completed:
                await Attach(stage.Plan);
                stage.End(StagePhase.Completed);
                break;
            case RunEnd.Failed when outcome.Failure == FailureClass.TornArtefact && await Restore(stage):
                break;
            case RunEnd.Failed:
                stage.End(StagePhase.Failed, $"{JsonNamingPolicy.KebabCaseLower.ConvertName(outcome.Failure.ToString())}: {outcome.Reason}", outcome.Evidence);
                break;
            case RunEnd.Cancelled when State.CancelRequested:
                stage.End(StagePhase.Cancelled);
                break;
            default:
                stage.Phase = StagePhase.Blocked; // another experiment cancelled what this one wants too: ask again
                break;
        }

        _progress.Remove(stage.Plan.Key);
        LogConcluded(Id, stage.Plan.Key, stage.Phase, stage.Reason ?? "");
        StageGraph.FailDependents(State.Stages);
        await Save();
    }

    /// <summary>
    /// Wants an input once more that was found torn and set aside, and then the stage that reads it. False where none is
    /// missing that this experiment computes, or one was torn again and again: the disk is not to be trusted.
    /// </summary>
    private async Task<bool> Restore(StageRecord reader)
    {
        var inputs = State.Stages.FindAll(stage => stage.HasArtefact);
        var torn = await Task.Run(() => inputs.FindAll(stage => !store.Contains(stage.Plan.Key)), CancellationToken.None);
        if (torn.Count == 0 || torn.Exists(stage => stage.Restorations >= MostRestorations))
            return false;

        foreach (var stage in torn)
        {
            stage.Restorations++;
            stage.End(StagePhase.Blocked);
            LogRestoring(Id, stage.Plan.Key, reader.Plan.Key);
        }

        reader.End(StagePhase.Blocked);
        return true;
    }

    /// <summary>Makes an analysis known to the dictionaries that it is of. Idempotent, and done before it is noted.</summary>
    private async Task Attach(PlannedStage stage)
    {
        if (StageDefinition.FromJson(stage.DefinitionJson) is not AnalysisStage analysis)
            return;

        foreach (var dictionary in analysis.Dictionaries)
            await GrainFactory.GetGrain<IFeatureCatalogGrain>(dictionary.Value).Attach(stage.Key, CancellationToken.None);
    }

    private async Task Finish(ExperimentPhase end)
    {
        var endedAt = time.GetUtcNow();
        var finished = new FinishedExperiment(
            Id,
            State.Name,
            State.SpecText,
            end,
            (endedAt - State.SubmittedAt).TotalSeconds,
            State.Stages.Count(stage => stage.Phase == StagePhase.Cached),
            State.Stages.Count(stage => stage.Phase == StagePhase.Completed),
            [.. State.Stages.Select(stage => new FinishedStage(
                stage.Plan.Key, stage.Plan.Label, StageDefinition.FromJson(stage.Plan.DefinitionJson), stage.Phase, stage.Reason))]);
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
