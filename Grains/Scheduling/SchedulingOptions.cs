namespace Orchestrator.Grains.Scheduling;

/// <summary>How devices are leased. Control and GPU silos must agree.</summary>
public sealed class SchedulingOptions
{
    /// <summary>
    /// A lease that is not renewed for this long has ended; its holder stops itself after half of it. Longer than the
    /// longest pause that a healthy process makes. Default: 15 s.
    /// </summary>
    public TimeSpan LeaseTtl { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How often a device renews its lease, or says that it is free. Default: 2 s.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often the scheduler looks for leases that have ended. Default: 1 s.</summary>
    public TimeSpan Tick { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>A holder has three chances to renew before it must stop.</summary>
    internal bool IsValid => Tick > TimeSpan.Zero && Heartbeat > TimeSpan.Zero && LeaseTtl >= 6 * Heartbeat;
}
