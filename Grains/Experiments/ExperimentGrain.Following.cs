using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Contracts.Features;
using Orchestrator.Contracts.Runs;
using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Grains.Experiments;

/// <content>How stages get on: what is asked of runs and scheduler, and what is made of their answers.</content>
public sealed partial class ExperimentGrain
{
    private const int MostRestorations = 3;

    /// <summary>The last that was heard from runs that this experiment waits for.</summary>
    private readonly Dictionary<StageKey, RunStatus> _heard = [];

    /// <summary>What was computed for a store whose state is new must be made known too.</summary>
    private async Task AttachCached()
    {
        if (_cachedAttached)
            return;

        foreach (var stage in State.Stages.Where(stage => stage.Phase == StagePhase.Cached))
            await Attach(stage.Plan);

        await RememberRungs();

        _cachedAttached = true;
    }

    /// <summary>Makes the runs of ready stages wait for their turn.</summary>
    private async Task AskForReady()
    {
        var changed = StageGraph.FailDependents(State.Stages);
        changed |= await StopDependents();
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

            if (!State.CancelRequested)
                await Compete();

            active.RemoveAll(stage => !stage.IsActive);
            var leased = places.Leased.ToHashSet();
            foreach (var stage in active)
                stage.Phase = PhaseOf(stage, leased);

            if (!State.CancelRequested)
                await Queue(active.Where(stage => stage.Phase == StagePhase.Queued), places.Queued.ToHashSet());
        }

        if (State.CancelRequested)
            await CancelIdle();
    }

    private StagePhase PhaseOf(StageRecord stage, IReadOnlySet<StageKey> leased) =>
        IsAtRung(stage, leased.Contains(stage.Plan.Key)) ? StagePhase.AtRung
        : leased.Contains(stage.Plan.Key) ? StagePhase.Running
        : StagePhase.Queued;

    private async Task Hear(StageRecord stage)
    {
        var run = await GrainFactory.StageRun(stage.Plan.Key).GetStatus(CancellationToken.None);
        stage.Attempts = run.Attempts;
        stage.Rungs = [.. run.Rungs];
        _heard[stage.Plan.Key] = run;
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
        {
            if (stage.IsActive)
                await Leave(stage);

            stage.End(StagePhase.Cancelled);
        }

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

        _heard.Remove(stage.Plan.Key);
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
}
