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

    public static RunOutcome Failed(FailureClass failure, string reason) => new(RunEnd.Failed, failure, reason);
}

/// <summary>The three ends.</summary>
public enum RunEnd
{
    Completed,
    Cancelled,
    Failed,
}

/// <summary>Why an attempt failed, which decides whether another one helps.</summary>
public enum FailureClass
{
    None,

    /// <summary>The device's process died or hung: try again from the checkpoint.</summary>
    Infrastructure,

    /// <summary>The device ran out of memory.</summary>
    OutOfMemory,

    /// <summary>A loss became NaN or infinite.</summary>
    Diverged,

    /// <summary>A plugin threw.</summary>
    Plugin,

    /// <summary>The input is missing, torn or of the wrong form.</summary>
    BadData,

    /// <summary>Everything else: a bug.</summary>
    Internal,
}
