using Orchestrator.Simulation.Cluster;
using Orchestrator.Simulation.Measures;
using Orchestrator.Simulation.Workloads;

namespace Orchestrator.Simulation.Figures;

/// <summary>What a simulation found.</summary>
public sealed record SimulationFigures
{
    public required WorkloadOptions Workload { get; init; }

    /// <summary>Where times were taken; null: nobody looked.</summary>
    public string? Machine { get; init; }

    /// <summary>A hash of every start: what, where, when and under which epoch. Equal seeds and equal code give equal ones.</summary>
    public required string Fingerprint { get; init; }

    public required int CompletedRuns { get; init; }

    public required int Starts { get; init; }

    /// <summary>Shares against weights over windows of some lengths.</summary>
    public required IReadOnlyList<ShareFigures> Shares { get; init; }

    /// <summary>The longest that a run which was first in its experiment's queue waited while it could have started, hours.</summary>
    public required double LongestFirstWaitHours { get; init; }

    /// <summary>Whose it was.</summary>
    public required string LongestFirstWaitOf { get; init; }

    /// <summary>The stated bound: the limit of patience, and the longest that a run held its devices.</summary>
    public required double FirstWaitBoundHours { get; init; }

    /// <summary>Hours from arrival to first start, of sweeps of the middle and the highest class.</summary>
    public required double SweepWaitP50Hours { get; init; }

    public required double SweepWaitP99Hours { get; init; }

    /// <summary>Device time at work over device time that there was, within the workload's time.</summary>
    public required double Utilisation { get; init; }

    /// <summary>Jobs that made room for a higher class.</summary>
    public required int Preemptions { get; init; }

    /// <summary>Jobs that made room because their experiment was paused.</summary>
    public required int Pauses { get; init; }

    /// <summary>Leases lost to outages.</summary>
    public required int Losses { get; init; }

    /// <summary>Device hours that outages cost, since the last checkpoints.</summary>
    public required double LostDeviceHours { get; init; }

    public required LatencyFigures Decisions { get; init; }

    /// <summary>Null: not measured.</summary>
    public FullQueueFigures? FullQueue { get; init; }

    /// <summary>Kilobytes that a change takes on average when it is made durable.</summary>
    public required double KilobytesPerChange { get; init; }

    /// <summary>Seconds by the wall clock; null: not measured.</summary>
    public double? Seconds { get; init; }

    public static SimulationFigures Of(Meters meters, WorkloadOptions workload, SimulationOptions options) => new()
    {
        Workload = workload,
        Fingerprint = meters.Fingerprint,
        CompletedRuns = meters.Completed,
        Starts = meters.Starts,
        Shares = [.. new[] { 1, 2, 4, 8 }.Select(hours => ShareFigures.Of(meters.Shares, workload.Time, hours))],
        LongestFirstWaitHours = meters.Waits.LongestFirst.TotalHours,
        LongestFirstWaitOf = meters.Waits.LongestOf,
        FirstWaitBoundHours = (options.Scheduling.PatienceLimit + meters.LongestRun).TotalHours,
        SweepWaitP50Hours = Quantile.Of(meters.Waits.SweepWaits, 0.5),
        SweepWaitP99Hours = Quantile.Of(meters.Waits.SweepWaits, 0.99),
        Utilisation = meters.Utilisation,
        Preemptions = meters.Preemptions,
        Pauses = meters.Pauses,
        Losses = meters.Losses,
        LostDeviceHours = meters.LostHours,
        Decisions = meters.Latency.ToFigures(),
        KilobytesPerChange = meters.Records.Size / 1024.0 / Math.Max(1, meters.Records.Writes),
    };
}
