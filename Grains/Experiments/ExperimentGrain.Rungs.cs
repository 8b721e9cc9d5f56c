using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Contracts.Runs;

namespace Orchestrator.Grains.Experiments;

/// <content>
/// Early stopping. What runs were worth at rungs is gathered; what follows is noted, and only then are runs told: whatever
/// is interrupted in between is told again.
/// </content>
public sealed partial class ExperimentGrain
{
    /// <summary>What dictionaries compete for: read once, as definitions never change.</summary>
    private readonly Dictionary<StageKey, DictionaryStage> _competing = [];

    public async Task StageAtRung(StageKey stage, RungResult result, CancellationToken cancellationToken)
    {
        if (!IsRunning || State.Stages.Find(record => record.Plan.Key == stage && record.IsActive) is not { } reached)
            return;

        if (!reached.Rungs.Exists(known => known.Rung == result.Rung))
            reached.Rungs.Add(result);

        if (!State.CancelRequested && Decide().Count > 0)
            await Advance();
    }

    /// <summary>What stages that were there already were worth: they compete too.</summary>
    private async Task RememberRungs()
    {
        foreach (var stage in State.Stages.Where(stage => stage is { Phase: StagePhase.Cached, Plan.EarlyStop: not null }))
            stage.Rungs = [.. (await GrainFactory.StageRun(stage.Plan.Key).GetStatus(CancellationToken.None)).Rungs];
    }

    /// <summary>Decides what can be decided, ends what is out, and lets go on what is in. Idempotent.</summary>
    private async Task Compete()
    {
        if (Decide() is { Count: > 0 } made)
        {
            State.Rungs.AddRange(made);
            await Save();
            foreach (var decision in made)
                LogDecided(Id, decision.Model, decision.Rung, decision.Kept, decision.Places.Count);
        }

        await StopOutside();
        foreach (var stage in State.Stages.Where(stage => stage.IsActive))
            await LetGoOn(stage);
    }

    private async Task StopOutside()
    {
        var outside = SuccessiveHalving.Outside(State.Rungs);
        var stopped = State.Stages.FindAll(stage => !stage.HasEnded && outside.ContainsKey(stage.Plan.Key));
        foreach (var stage in stopped)
        {
            if (stage.IsActive)
                await Leave(stage);

            stage.End(StagePhase.Stopped, SuccessiveHalving.Reason(outside[stage.Plan.Key], stage.Plan.Key));
            _heard.Remove(stage.Plan.Key);
            LogConcluded(Id, stage.Plan.Key, stage.Phase, stage.Reason!);
        }

        if (stopped.Count > 0)
            await Save();
    }

    private List<RungDecision> Decide() =>
        [.. Fields().SelectMany(field => SuccessiveHalving.Decide(field.Key.EarlyStop, field.Key.Model, [.. field.Select(Competitor)], State.Rungs))];

    /// <summary>A run that is held although this experiment has nothing to decide there is told so.</summary>
    private async Task LetGoOn(StageRecord stage)
    {
        if (_heard.GetValueOrDefault(stage.Plan.Key)?.HeldAt is not { } rung || IsUndecided(stage, rung))
            return;

        var run = GrainFactory.StageRun(stage.Plan.Key);
        if (!await run.Pass(Id, rung, CancellationToken.None))
        {
            // It was forgotten with somebody else's end of the run.
            await run.Await(Id, stage.Plan, CancellationToken.None);
            await run.Pass(Id, rung, CancellationToken.None);
        }

        _heard[stage.Plan.Key] = await run.GetStatus(CancellationToken.None);
    }

    private Task Leave(StageRecord stage) => GrainFactory.StageRun(stage.Plan.Key).Leave(Id, CancellationToken.None);

    /// <summary>Waits for this experiment's decision: on no device, or about to leave it.</summary>
    private bool IsAtRung(StageRecord stage, bool isLeased) =>
        RungOf(stage) is not null && (!isLeased || _heard.GetValueOrDefault(stage.Plan.Key)?.HeldAt is not null);

    /// <summary>The first rung that it has come to and that is not decided; null: none.</summary>
    private double? RungOf(StageRecord stage) => stage.Rungs.Find(result => IsUndecided(stage, result.Rung))?.Rung;

    private bool IsUndecided(StageRecord stage, double rung) =>
        stage.Plan.EarlyStop is { } rule && rule.Rungs.Contains(rung) && SuccessiveHalving.Find(State.Rungs, Definition(stage).Model, rung) is null;

    /// <summary>What each stage at a rung waits for, in words: the same for all of a model.</summary>
    private Dictionary<StageKey, string> WaitsAtRungs()
    {
        var waits = new Dictionary<StageKey, string>();
        foreach (var field in Fields())
        {
            var rungs = field.Where(stage => stage.Phase == StagePhase.AtRung).GroupBy(RungOf);
            foreach (var (rung, stages) in rungs.Where(rung => rung.Key is not null).Select(rung => (rung.Key!.Value, rung)))
            {
                var text = SuccessiveHalving.Waiting(field.Key.EarlyStop, field.Key.Model, rung, [.. field.Select(Competitor)], State.Rungs);
                foreach (var stage in stages)
                    waits[stage.Plan.Key] = text;
            }
        }

        return waits;
    }

    /// <summary>Those that compete, by model, in the order of the plan.</summary>
    private IEnumerable<IGrouping<(StageKey Model, EarlyStop EarlyStop), StageRecord>> Fields() => State.Stages
        .Where(stage => stage.Plan.EarlyStop is not null && stage.Phase is not (StagePhase.Failed or StagePhase.Cancelled))
        .GroupBy(stage => (Definition(stage).Model, stage.Plan.EarlyStop!.Value));

    private Competitor Competitor(StageRecord stage)
    {
        var run = _heard.GetValueOrDefault(stage.Plan.Key);
        long[] reached = [run?.Checkpoint?.Step ?? 0, run?.Progress?.Step ?? 0, .. stage.Rungs.Select(result => result.Step)];
        return new Competitor(stage.Plan.Key, stage.Rungs, !stage.HasEnded, reached.Max(), Definition(stage).Dictionary.Steps);
    }

    private DictionaryStage Definition(StageRecord stage)
    {
        if (!_competing.TryGetValue(stage.Plan.Key, out var definition))
            _competing[stage.Plan.Key] = definition = (DictionaryStage)StageDefinition.FromJson(stage.Plan.DefinitionJson);

        return definition;
    }

    /// <summary>Ends what waits for dictionaries that were stopped early, and asks of those that are left what can be asked of them.</summary>
    /// <returns>Whether anything changed.</returns>
    private async Task<bool> StopDependents()
    {
        var orphans = StageGraph.Orphans(State.Stages);
        foreach (var orphan in orphans)
        {
            var replacement = AnalysisReplacement.Of(orphan, State.Stages);
            if (replacement is not null && !State.Stages.Exists(stage => stage.Plan.Key == replacement.Key))
            {
                var record = await Task.Run(() => Consider(replacement), CancellationToken.None);
                record.Replaces = orphan.Plan.Key;
                State.Stages.Insert(State.Stages.IndexOf(orphan) + 1, record);
                if (record.Phase == StagePhase.Cached)
                    await Attach(replacement);
            }

            orphan.End(StagePhase.Stopped, AnalysisReplacement.Reason(orphan, State.Stages, replacement));
            LogConcluded(Id, orphan.Plan.Key, orphan.Phase, orphan.Reason!);
        }

        return orphans.Count > 0;
    }
}
