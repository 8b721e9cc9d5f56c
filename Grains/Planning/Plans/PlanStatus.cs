using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Planning.Plans;

/// <summary>Which stages of a plan a store already holds.</summary>
/// <param name="Stages">In plan order.</param>
public sealed record PlanStatus(IReadOnlyList<PlanStageStatus> Stages)
{
    /// <summary>Stages whose artefact is there, in plan order.</summary>
    public IEnumerable<PlanStage> Cached => Stages.Where(stage => stage.Cached).Select(stage => stage.Stage);

    /// <summary>Stages that would be computed, in plan order.</summary>
    public IEnumerable<PlanStage> ToCompute => Stages.Where(stage => !stage.Cached).Select(stage => stage.Stage);

    public static PlanStatus Of(ExperimentPlan plan, ArtefactStore store) =>
        new([.. plan.Stages.Select(stage => new PlanStageStatus(stage, store.Contains(stage.Key)))]);
}

/// <summary>A stage of a plan, and whether its artefact is there.</summary>
public sealed record PlanStageStatus(PlanStage Stage, bool Cached);
