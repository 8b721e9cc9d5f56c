using Orchestrator.Abstractions;

namespace Orchestrator.Simulation.Workloads;

/// <summary>An experiment of a workload.</summary>
/// <param name="Id">Its name says what it is: <c>busy-03</c>.</param>
/// <param name="Role">How its runs come.</param>
/// <param name="Weight">Its share.</param>
/// <param name="Priority">Its class.</param>
/// <param name="MaxDevices">Its limit; null: none.</param>
/// <param name="Gang">Devices of its larger runs.</param>
/// <param name="GangShare">How many of its runs are that large, 0 to 1.</param>
public sealed record SimulatedExperiment(
    ExperimentId Id, ExperimentRole Role, double Weight, int Priority, int? MaxDevices, int Gang, double GangShare);

/// <summary>How an experiment's runs come.</summary>
public enum ExperimentRole
{
    /// <summary>All at once, more than a week's share.</summary>
    Busy,

    /// <summary>The same, in the lowest class.</summary>
    Background,

    /// <summary>In sweeps, now and then.</summary>
    Sweeps,
}
