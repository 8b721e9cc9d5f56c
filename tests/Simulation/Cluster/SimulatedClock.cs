namespace Orchestrator.Simulation.Cluster;

/// <summary>A clock that is where the simulation puts it.</summary>
internal sealed class SimulatedClock(DateTimeOffset start) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = start;

    public override DateTimeOffset GetUtcNow() => Now;
}
