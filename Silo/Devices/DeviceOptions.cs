namespace Orchestrator.Silo.Devices;

/// <summary>How a device talks to the control silo.</summary>
public sealed class DeviceOptions
{
    /// <summary>A commit that has no answer after this long is sent again; publishing hashes files. Default: 10 min.</summary>
    public TimeSpan CommitTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Pause before a failed commit is sent again. Default: 1 s.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A commit that keeps failing for this long (a full disk) ends the attempt; a lost lease ends it much earlier.
    /// Default: 5 min.
    /// </summary>
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Least time between two progress messages of a stage. Default: 250 ms.</summary>
    public TimeSpan ProgressInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a silo that is asked to stop waits for its job's checkpoint. Default: 20 s.</summary>
    public TimeSpan CheckpointGrace { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Bytes that must be free on the store's disk before a job is taken. Default: 64 MiB.</summary>
    public long LeastFreeBytes { get; set; } = 64L << 20;

    internal bool IsValid => CommitTimeout > TimeSpan.Zero && RetryDelay > TimeSpan.Zero && GiveUpAfter > TimeSpan.Zero
        && ProgressInterval >= TimeSpan.Zero && CheckpointGrace >= TimeSpan.Zero && LeastFreeBytes >= 0;
}
