using Orchestrator.Simulation.Workloads;

namespace Orchestrator.Simulation.Cluster;

/// <summary>A run on its devices.</summary>
internal sealed class RunningJob(SimulatedRun run, long epoch, IReadOnlyList<SimulatedDevice> devices, DateTimeOffset startedAt)
{
    public SimulatedRun Run { get; } = run;

    public long Epoch { get; } = epoch;

    public IReadOnlyList<SimulatedDevice> Devices { get; } = devices;

    public SimulatedDevice Leader => Devices[0];

    public DateTimeOffset StartedAt { get; } = startedAt;

    /// <summary>When a device of it died; null: all work.</summary>
    public DateTimeOffset? BrokenAt { get; set; }

    /// <summary>It was asked to make room.</summary>
    public bool Yielding { get; set; }
}
