using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Contracts.Runs;

namespace Orchestrator.Contracts.Experiments;

/// <summary>An experiment as the planner made it.</summary>
/// <param name="Name">The spec's name.</param>
/// <param name="SpecText">The spec as the user wrote it, kept for the record.</param>
/// <param name="Stages">Every stage, dependencies first.</param>
[GenerateSerializer, Immutable, Alias("ExperimentSubmission")]
public sealed record ExperimentSubmission(
    [property: Id(0)] string Name,
    [property: Id(1)] string SpecText,
    [property: Id(2)] IReadOnlyList<PlannedStage> Stages)
{
    /// <summary>What it asks of the cluster; null, as from an older client: nothing.</summary>
    [Id(3)]
    public ExperimentDemand? Demand { get; init; }
}

/// <summary>A stage of a plan.</summary>
/// <param name="Key">Its address.</param>
/// <param name="Label">For people: <c>dictionary 2,048 on model seed 1</c>.</param>
/// <param name="DefinitionJson">Canonical JSON of its definition.</param>
/// <param name="DependsOn">Stages that must be complete before.</param>
/// <param name="Stream">Stages of equal, non-null stream train on one stream of activations: they share a device and a job.</param>
[GenerateSerializer, Immutable, Alias("PlannedStage")]
public sealed record PlannedStage(
    [property: Id(0)] StageKey Key,
    [property: Id(1)] string Label,
    [property: Id(2)] string DefinitionJson,
    [property: Id(3)] IReadOnlyList<StageKey> DependsOn,
    [property: Id(4)] string? Stream)
{
    /// <summary>Attempts in a row that its run may lose without a new checkpoint; null: as many as the cluster allows by default.</summary>
    [Id(5)]
    public int? LostAttempts { get; init; }

    /// <summary>Tries after one that ran out of memory alone on its device; null: as the cluster does by default.</summary>
    [Id(6)]
    public int? OutOfMemoryRetries { get; init; }

    /// <summary>Tries after one in which a plugin failed; null: as the cluster does by default.</summary>
    [Id(7)]
    public int? PluginRetries { get; init; }

    /// <summary>How it competes with the other dictionaries on its model that have the same; null: it does not.</summary>
    [Id(8)]
    public EarlyStop? EarlyStop { get; init; }
}

/// <summary>State of an experiment.</summary>
public enum ExperimentPhase
{
    Running,
    Completed,
    Failed,
    Cancelled,
}

/// <summary>What is known of an experiment.</summary>
/// <param name="Id">The experiment.</param>
/// <param name="Name">Its name.</param>
/// <param name="Phase">Its state.</param>
/// <param name="SubmittedAt">When it was submitted last.</param>
/// <param name="EndedAt">When it ended; null while it runs.</param>
/// <param name="Stages">Every stage in plan order.</param>
/// <param name="SummaryPath">Absolute path of summary.json once it has ended.</param>
[GenerateSerializer, Immutable, Alias("ExperimentStatus")]
public sealed record ExperimentStatus(
    [property: Id(0)] ExperimentId Id,
    [property: Id(1)] string Name,
    [property: Id(2)] ExperimentPhase Phase,
    [property: Id(3)] DateTimeOffset SubmittedAt,
    [property: Id(4)] DateTimeOffset? EndedAt,
    [property: Id(5)] IReadOnlyList<StageStatus> Stages,
    [property: Id(6)] string? SummaryPath)
{
    /// <summary>It still runs, but was asked to stop.</summary>
    [Id(7)]
    public bool CancelRequested { get; init; }
}

/// <summary>State of a stage within an experiment.</summary>
public enum StagePhase
{
    /// <summary>Its dependencies are not complete.</summary>
    Blocked,

    /// <summary>Waits for a device.</summary>
    Queued,
    Running,

    /// <summary>Its artefact was there when the experiment was submitted.</summary>
    Cached,
    Completed,
    Failed,
    Cancelled,

    /// <summary>Stopped early, or of dictionaries that were: an end, and no failure.</summary>
    Stopped,

    /// <summary>A dictionary that waits at a rung for those that it competes with; on no device and in no queue.</summary>
    AtRung,
}

/// <summary>A stage's line.</summary>
/// <param name="Key">Its address.</param>
/// <param name="Label">For people.</param>
/// <param name="Phase">Its state.</param>
/// <param name="Progress">The last that was heard from it while it runs; null before.</param>
/// <param name="Attempts">Attempts so far, lost ones included.</param>
/// <param name="Reason">Why it failed, why it was stopped, or why it waits.</param>
[GenerateSerializer, Immutable, Alias("StageStatus")]
public sealed record StageStatus(
    [property: Id(0)] StageKey Key,
    [property: Id(1)] string Label,
    [property: Id(2)] StagePhase Phase,
    [property: Id(3)] RunProgress? Progress,
    [property: Id(4)] int Attempts,
    [property: Id(5)] string? Reason)
{
    /// <summary>Stages that must be complete before.</summary>
    [Id(6)]
    public IReadOnlyList<StageKey> DependsOn { get; init; } = [];

    /// <summary>What the processes left that it took down; null: none, or it has not failed.</summary>
    [Id(7)]
    public FailureEvidence? Evidence { get; init; }

    /// <summary>The analysis of the plan that it stands in for, as a dictionary of that one was stopped early; null: it is of the plan.</summary>
    [Id(8)]
    public StageKey? Replaces { get; init; }
}
