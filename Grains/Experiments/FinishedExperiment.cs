using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Contracts.Experiments;

namespace Orchestrator.Grains.Experiments;

/// <summary>An experiment that has ended, as its report needs it.</summary>
/// <param name="Id">The experiment.</param>
/// <param name="Name">The spec's name.</param>
/// <param name="SpecText">The spec as the user wrote it.</param>
/// <param name="Phase">Completed, failed or cancelled.</param>
/// <param name="WallSeconds">From this submission to its end.</param>
/// <param name="CachedStages">Stages whose artefact was there when it was submitted.</param>
/// <param name="ComputedStages">Stages completed for this submission.</param>
/// <param name="Stages">Every stage in plan order.</param>
public sealed record FinishedExperiment(
    ExperimentId Id,
    string Name,
    string SpecText,
    ExperimentPhase Phase,
    double WallSeconds,
    int CachedStages,
    int ComputedStages,
    IReadOnlyList<FinishedStage> Stages)
{
    /// <summary>Who was kept at which rung, in the order in which it was decided.</summary>
    public IReadOnlyList<RungDecision> Rungs { get; init; } = [];

    internal static FinishedExperiment Of(ExperimentId id, ExperimentState state, ExperimentPhase end, DateTimeOffset endedAt) => new(
        id,
        state.Name,
        state.SpecText,
        end,
        (endedAt - state.SubmittedAt).TotalSeconds,
        state.Stages.Count(stage => stage.Phase == StagePhase.Cached),
        state.Stages.Count(stage => stage.Phase == StagePhase.Completed),
        [.. state.Stages.Select(stage => new FinishedStage(
            stage.Plan.Key, stage.Plan.Label, StageDefinition.FromJson(stage.Plan.DefinitionJson), stage.Phase, stage.Reason))])
    {
        Rungs = [.. state.Rungs],
    };
}

/// <summary>A stage of an experiment that has ended.</summary>
/// <param name="Key">Its address.</param>
/// <param name="Label">For people.</param>
/// <param name="Definition">What it computes.</param>
/// <param name="Phase">Cached or completed: its artefact is in the store; else failed, cancelled or stopped early.</param>
/// <param name="Reason">Why it failed or was stopped; null otherwise.</param>
public sealed record FinishedStage(StageKey Key, string Label, StageDefinition Definition, StagePhase Phase, string? Reason);
