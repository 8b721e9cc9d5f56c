namespace Orchestrator.Contracts.Runs;

/// <summary>How a run, or one attempt of it, ended: a value, not an exception.</summary>
[GenerateSerializer, Immutable, Alias("RunOutcome")]
public sealed record RunOutcome
{
    private RunOutcome(RunEnd end, FailureClass failure, string? reason)
    {
        End = end;
        Failure = failure;
        Reason = reason;
    }

    public static RunOutcome Completed { get; } = new(RunEnd.Completed, FailureClass.None, null);

    public static RunOutcome Cancelled { get; } = new(RunEnd.Cancelled, FailureClass.None, null);

    [Id(0)]
    public RunEnd End { get; }

    [Id(1)]
    public FailureClass Failure { get; }

    /// <summary>For people; null unless failed.</summary>
    [Id(2)]
    public string? Reason { get; }

    /// <summary>What the process that was lost left behind; null: nothing is known, or nothing was lost.</summary>
    [Id(3)]
    public FailureEvidence? Evidence { get; init; }

    /// <summary>Other stages were computed in the same job, so that it may have been one of them that failed.</summary>
    [Id(4)]
    public bool IsInCompany { get; init; }

    public static RunOutcome Failed(FailureClass failure, string reason) => new(RunEnd.Failed, failure, reason);
}

/// <summary>The three ends.</summary>
public enum RunEnd
{
    Completed,
    Cancelled,
    Failed,
}

/// <summary>Why an attempt failed, which decides whether another one helps. Numbers are part of the state: new ones come last.</summary>
public enum FailureClass
{
    None,

    /// <summary>The device's process was ended from outside, hung, or could not be reached: try again from the checkpoint.</summary>
    Infrastructure,

    /// <summary>The device ran out of memory: once more, apart from other stages.</summary>
    OutOfMemory,

    /// <summary>A loss became NaN or infinite, which it would again.</summary>
    Diverged,

    /// <summary>A plugin threw, hung or broke a promise.</summary>
    Plugin,

    /// <summary>The input is missing or of the wrong form.</summary>
    BadData,

    /// <summary>Everything else: a bug.</summary>
    Internal,

    /// <summary>It made room for another job after a checkpoint: costs nothing.</summary>
    Preempted,

    /// <summary>The store's disk is full: costs nothing, and devices pause until there is room.</summary>
    DiskFull,

    /// <summary>The work took its process down, in native code or by an exit.</summary>
    Crash,

    /// <summary>It took its process down too often in the same place; only a new demand tries again.</summary>
    Quarantined,

    /// <summary>An artefact that it reads is torn: that one is computed again first.</summary>
    TornArtefact,
}
