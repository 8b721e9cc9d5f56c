namespace Orchestrator.Grains.Runs;

/// <summary>What attempts of a run may cost it, where its spec says nothing.</summary>
public sealed class RunOptions
{
    /// <summary>Attempts in a row that may be lost without a new checkpoint before the run fails; at least 1. Default: 5.</summary>
    public int AttemptsWithoutProgress { get; set; } = 5;

    /// <summary>Tries after one that ran out of memory alone on its device; at least 0. Default: 1.</summary>
    public int OutOfMemoryRetries { get; set; } = 1;

    /// <summary>Tries after one in which a plugin failed, as it mostly would again; at least 0. Default: 0.</summary>
    public int PluginRetries { get; set; }

    /// <summary>Processes that a run may take down without a new checkpoint before it is quarantined; at least 1. Default: 3.</summary>
    public int CrashesUntilQuarantine { get; set; } = 3;

    internal bool IsValid => AttemptsWithoutProgress >= 1 && OutOfMemoryRetries >= 0 && PluginRetries >= 0 && CrashesUntilQuarantine >= 1;
}
