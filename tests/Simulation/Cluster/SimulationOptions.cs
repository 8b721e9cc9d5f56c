using Orchestrator.Grains.Scheduling;

namespace Orchestrator.Simulation.Cluster;

/// <summary>How a workload is simulated.</summary>
public sealed record SimulationOptions
{
    public int Seed { get; init; } = 1;

    /// <summary>The options of the scheduler. Heartbeats are rarer than real ones: a week of those is 300 million.</summary>
    public SchedulingOptions Scheduling { get; init; } = new()
    {
        Heartbeat = TimeSpan.FromMinutes(1),
        LeaseTtl = TimeSpan.FromMinutes(6),
    };

    /// <summary>Shares are measured over such windows.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How often the scheduler's process is replaced; null: never.</summary>
    public TimeSpan? RestartEvery { get; init; }
}
