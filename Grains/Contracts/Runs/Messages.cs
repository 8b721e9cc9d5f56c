using Orchestrator.Abstractions;

namespace Orchestrator.Contracts.Runs;

/// <summary>How far a run is.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all; 0 where unknown.</param>
/// <param name="Tokens">Tokens (or activation vectors) seen.</param>
/// <param name="TokensPerSecond">Recent throughput.</param>
/// <param name="Loss">Current loss, nats for models; null before the first.</param>
/// <param name="L0">Current L0 of a dictionary; null for others.</param>
/// <param name="Activity">What it does, in a word or two: <c>training</c>, <c>evaluating</c>.</param>
[GenerateSerializer, Immutable, Alias("RunProgress")]
public sealed record RunProgress(
    [property: Id(0)] long Step,
    [property: Id(1)] long Steps,
    [property: Id(2)] long Tokens,
    [property: Id(3)] double TokensPerSecond,
    [property: Id(4)] double? Loss,
    [property: Id(5)] double? L0,
    [property: Id(6)] string Activity);

/// <summary>A checkpoint on disk.</summary>
/// <param name="Step">Steps done when it was written.</param>
/// <param name="Folder">Absolute path of its folder, complete and flushed.</param>
[GenerateSerializer, Immutable, Alias("CheckpointRef")]
public sealed record CheckpointRef([property: Id(0)] long Step, [property: Id(1)] string Folder)
{
    /// <summary>Hash over the folder's files, taken when it was committed; null, from an older silo: not known.</summary>
    [Id(2)]
    public string? Fingerprint { get; init; }
}

/// <summary>What a job needs to start a stage.</summary>
/// <param name="Outcome">Whether the epoch is the newest.</param>
/// <param name="Checkpoint">Where to go on; null: from the beginning.</param>
[GenerateSerializer, Immutable, Alias("RunStart")]
public sealed record RunStart([property: Id(0)] CommitOutcome Outcome, [property: Id(1)] CheckpointRef? Checkpoint)
{
    /// <summary>The run's trace, as W3C's <c>traceparent</c>; null: it has none.</summary>
    [Id(2)]
    public string? Trace { get; init; }

    /// <summary>Rungs at which it is to be measured, as shares of its tokens, growing; those that it has reported are not among them.</summary>
    [Id(3)]
    public IReadOnlyList<double> Rungs { get; init; } = [];

    /// <summary>It waits at a rung for a decision: leave it out.</summary>
    [Id(4)]
    public bool IsHeld { get; init; }
}

/// <summary>What a dictionary was worth at a rung: a function of its stage and the rung alone.</summary>
/// <param name="Rung">Share of its tokens.</param>
/// <param name="Step">Steps done, with a checkpoint.</param>
/// <param name="Metrics">Every <see cref="Abstractions.Results.RankingMetric"/>, measured as at its end, by name.</param>
[GenerateSerializer, Immutable, Alias("RungResult")]
public sealed record RungResult(
    [property: Id(0)] double Rung,
    [property: Id(1)] long Step,
    [property: Id(2)] IReadOnlyDictionary<string, double> Metrics);

/// <summary>What became of a rung's report.</summary>
/// <param name="Outcome">Whether it counts.</param>
/// <param name="IsHeld">The run waits there for a decision, and its attempt is over; else it goes on.</param>
[GenerateSerializer, Immutable, Alias("RungAnswer")]
public sealed record RungAnswer([property: Id(0)] CommitOutcome Outcome, [property: Id(1)] bool IsHeld);

/// <summary>What became of a commit.</summary>
public enum CommitOutcome
{
    Accepted,

    /// <summary>A newer lease exists: the sender has lost its device and must stop.</summary>
    Stale,

    /// <summary>The stage already has its artefact, which this one equals by its address.</summary>
    AlreadyComplete,
}

/// <summary>A run's line.</summary>
[GenerateSerializer, Immutable, Alias("RunStatus")]
public sealed record RunStatus(
    [property: Id(0)] StageKey Stage,
    [property: Id(1)] long Epoch,
    [property: Id(2)] int Attempts,
    [property: Id(3)] CheckpointRef? Checkpoint,
    [property: Id(4)] RunProgress? Progress,
    [property: Id(5)] RunOutcome? Outcome)
{
    /// <summary>It failed in company, and is to be tried apart from other stages.</summary>
    [Id(6)]
    public bool IsApart { get; init; }

    /// <summary>What it was worth at rungs, in their order; they outlast its end.</summary>
    [Id(7)]
    public IReadOnlyList<RungResult> Rungs { get; init; } = [];

    /// <summary>The rung at which it waits until an experiment lets it go on; null: at none.</summary>
    [Id(8)]
    public double? HeldAt { get; init; }
}
