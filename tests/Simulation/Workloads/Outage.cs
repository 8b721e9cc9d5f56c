namespace Orchestrator.Simulation.Workloads;

/// <summary>Devices that fail together, and come back.</summary>
public sealed record Outage(TimeSpan At, TimeSpan Length, IReadOnlyList<string> Devices);
