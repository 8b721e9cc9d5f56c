namespace Orchestrator.Client;

/// <summary>What the process says to scripts.</summary>
public static class ExitCodes
{
    public const int Done = 0;

    /// <summary>A run failed, or the cluster could not do what was asked.</summary>
    public const int Failed = 1;

    /// <summary>The spec or the command line is wrong; nothing was started.</summary>
    public const int BadUsage = 2;

    /// <summary>Ended by a signal: after a checkpoint, or detached from what goes on.</summary>
    public const int Interrupted = 130;
}
