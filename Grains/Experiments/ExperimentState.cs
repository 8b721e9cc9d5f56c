using Orchestrator.Abstractions;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Contracts.Runs;

namespace Orchestrator.Grains.Experiments;

/// <summary>What an experiment must not forget.</summary>
[GenerateSerializer, Alias("experiment-state")]
public sealed class ExperimentState
{
    /// <summary>False: nothing was ever submitted.</summary>
    [Id(0)]
    public bool Submitted { get; set; }

    [Id(1)]
    public string Name { get; set; } = "";

    [Id(2)]
    public string SpecText { get; set; } = "";

    /// <summary>In plan order: dependencies first.</summary>
    [Id(3)]
    public List<StageRecord> Stages { get; set; } = [];

    [Id(4)]
    public ExperimentPhase Phase { get; set; }

    [Id(5)]
    public bool CancelRequested { get; set; }

    [Id(6)]
    public DateTimeOffset SubmittedAt { get; set; }

    [Id(7)]
    public DateTimeOffset? EndedAt { get; set; }

    [Id(8)]
    public string? SummaryPath { get; set; }

    /// <summary>What the spec asks of the cluster; null: nothing.</summary>
    [Id(9)]
    public ExperimentDemand? Demand { get; set; }

    /// <summary>The scheduler is still to be told of the demand: once, as people may set something else later.</summary>
    [Id(10)]
    public bool IsDemandPending { get; set; }

    /// <summary>Who was kept at which rung; noted before anybody is told.</summary>
    [Id(11)]
    public List<RungDecision> Rungs { get; set; } = [];
}

/// <summary>A stage of an experiment.</summary>
[GenerateSerializer, Alias("stage-record")]
public sealed class StageRecord
{
    [Id(0)]
    public required PlannedStage Plan { get; set; }

    [Id(1)]
    public StagePhase Phase { get; set; }

    /// <summary>Why it failed or was stopped.</summary>
    [Id(2)]
    public string? Reason { get; set; }

    [Id(3)]
    public int Attempts { get; set; }

    /// <summary>What the processes left that it took down; null: none.</summary>
    [Id(4)]
    public FailureEvidence? Evidence { get; set; }

    /// <summary>How often it was computed again because its artefact was torn.</summary>
    [Id(5)]
    public int Restorations { get; set; }

    /// <summary>The analysis of what was submitted that it stands in for; null: it was submitted itself.</summary>
    [Id(6)]
    public StageKey? Replaces { get; set; }

    /// <summary>What it was worth at rungs, as its run said.</summary>
    [Id(7)]
    public List<RungResult> Rungs { get; set; } = [];

    public bool HasEnded => Phase.HasEnded();

    public bool HasArtefact => Phase.HasArtefact();

    /// <summary>Handed to its run: queued, on a device, or at a rung.</summary>
    public bool IsActive => Phase is StagePhase.Queued or StagePhase.Running or StagePhase.AtRung;

    public void End(StagePhase phase, string? reason = null, FailureEvidence? evidence = null)
    {
        Phase = phase;
        Reason = reason;
        Evidence = evidence;
    }
}
