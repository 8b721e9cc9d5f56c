using Orchestrator.Abstractions;

namespace Orchestrator.Simulation.Workloads;

/// <summary>What somebody sets while everything runs.</summary>
/// <param name="At">When, from the start.</param>
/// <param name="Experiment">Of which experiment.</param>
/// <param name="Setting">What.</param>
/// <param name="Value">To what; null: no limit.</param>
public sealed record Change(TimeSpan At, ExperimentId Experiment, Setting Setting, double? Value);

/// <summary>What can be set.</summary>
public enum Setting
{
    Weight,
    Priority,
    MaxDevices,

    /// <summary>1: paused, 0: not.</summary>
    Paused,
}
