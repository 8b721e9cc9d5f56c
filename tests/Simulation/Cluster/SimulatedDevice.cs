using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Simulation.Cluster;

/// <summary>A device as it really is, whatever the scheduler believes.</summary>
internal sealed class SimulatedDevice(DeviceInfo info)
{
    public DeviceInfo Info { get; set; } = info;

    public bool Alive { get; set; } = true;

    public int Starts { get; set; }

    /// <summary>The lease that it is part of; null: none.</summary>
    public RunningJob? Running { get; set; }

    /// <summary>The greatest epoch that it was ever given.</summary>
    public long LastEpoch { get; set; }
}
