namespace Orchestrator.Client;

/// <summary>What the process says to scripts.</summary>
public static class ExitCodes
{
    public const int Done = 0;

    /// <summary>A run failed, or the cluster could not do what was asked.</summary>
    public const int Failed = 1;

    /// <summary>The spec, the command line or what it names (a device, a folder) is wrong; nothing was computed.</summary>
    public const int BadUsage = 2;

    /// <summary>Ended by a signal: after a checkpoint, or detached from what goes on.</summary>
    public const int Interrupted = 130;
}
