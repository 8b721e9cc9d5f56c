using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;

namespace Orchestrator.Planning.Plans;

/// <summary>What an experiment computes.</summary>
/// <param name="Id">The spec's name, a dash and 8 hex digits of the SHA-256 over all stage keys: the layout, the comments and
/// the description of a spec do not change it.</param>
/// <param name="Name">The spec's name.</param>
/// <param name="SpecText">The spec as it was written.</param>
/// <param name="Stages">Every stage once, dependencies first.</param>
public sealed record ExperimentPlan(
    ExperimentId Id,
    string Name,
    string SpecText,
    IReadOnlyList<PlanStage> Stages)
{
    /// <summary>What it asks of the cluster.</summary>
    public RunDemand Demand { get; init; } = RunDemand.None;
}

/// <summary>A stage of a plan.</summary>
/// <param name="Key">Its address.</param>
/// <param name="Label">For people: <c>dictionary 2,048 on model seed 1</c>.</param>
/// <param name="Definition">What it computes.</param>
/// <param name="Stream">Stages of equal, non-null stream read one stream of activations: they can train side by side.</param>
/// <param name="Work">Tokens or activation vectors it goes through; 0 where that is not known before.</param>
public sealed record PlanStage(
    StageKey Key,
    string Label,
    StageDefinition Definition,
    string? Stream,
    long Work)
{
    /// <summary>How it competes with the other dictionaries on its model; null: it does not.</summary>
    public EarlyStop? EarlyStop { get; init; }
}
