namespace Orchestrator.Grains.Scheduling;

/// <summary>How devices are leased and shared. Control and GPU silos must agree.</summary>
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

    /// <summary>Time after which the past use of an experiment counts half against it. Default: 24 h.</summary>
    public TimeSpan HalfLife { get; set; } = TimeSpan.FromHours(24);

    /// <summary>A job that has started runs at least so long before a job of a higher class may preempt it. Default: 10 min.</summary>
    public TimeSpan MinimumRun { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// The first job of an experiment's class that could have started for so long goes before everything else, in the order
    /// in which they waited; the next devices that do for it are kept for it, and nobody preempts it. So it waits no longer
    /// than this and until the jobs on those devices have ended. Default: 4 h.
    /// </summary>
    public TimeSpan PatienceLimit { get; set; } = TimeSpan.FromHours(4);

    /// <summary>Jobs for which devices are kept at the same time, until there are enough of them; at least 1. Default: 8.</summary>
    public int Reservations { get; set; } = 8;

    /// <summary>A holder has three chances to renew before it must stop.</summary>
    internal bool IsValid => Tick > TimeSpan.Zero && Heartbeat > TimeSpan.Zero && LeaseTtl >= 6 * Heartbeat
        && HalfLife > TimeSpan.Zero && MinimumRun >= TimeSpan.Zero && PatienceLimit > TimeSpan.Zero && Reservations >= 1;
}
