using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Simulation.Workloads;

/// <summary>A run of a workload.</summary>
/// <param name="Job">As the scheduler sees it.</param>
/// <param name="Arrival">When it is queued, from the start.</param>
/// <param name="Duration">How long it really takes.</param>
public sealed record SimulatedRun(JobRequest Job, TimeSpan Arrival, TimeSpan Duration)
{
    public int Devices => Job.Demand!.Devices;
}
