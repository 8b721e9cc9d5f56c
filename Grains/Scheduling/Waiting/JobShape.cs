using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Grains.Scheduling.Waiting;

/// <summary>What the placement of a job depends on: of jobs of one shape in one line, only the first needs a look.</summary>
/// <param name="Kind">The kind of device that it needs; null: any.</param>
/// <param name="Level">The least memory of any known device that would do, bytes; the greatest number: none would.</param>
/// <param name="Devices">Devices that it needs at once.</param>
/// <param name="Length">Its estimated duration by powers of two of a second; -1: unknown.</param>
internal readonly record struct JobShape(string? Kind, long Level, int Devices, int Length)
{
    public static JobShape Of(JobDemand demand, FitScale scale) => new(
        demand.Kind,
        scale.Level(demand.Kind, demand.MemoryBytes),
        demand.Devices,
        demand.Duration is { } duration ? (int)Math.Log2(Math.Max(1, duration.TotalSeconds)) : -1);
}
