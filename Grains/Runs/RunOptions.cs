namespace Orchestrator.Grains.Runs;

/// <summary>How runs deal with lost attempts.</summary>
public sealed class RunOptions
{
    /// <summary>Attempts in a row that may be lost without a new checkpoint before the run fails; at least 1. Default: 5.</summary>
    public int AttemptsWithoutProgress { get; set; } = 5;

    internal bool IsValid => AttemptsWithoutProgress >= 1;
}
