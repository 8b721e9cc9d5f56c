using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Scheduling.Journal;
using Orchestrator.Grains.Scheduling.Records;

namespace Orchestrator.Grains.Scheduling;

/// <summary>Where a scheduler's memory begins: a whole pool in pages, and what changed since in a journal.</summary>
[GenerateSerializer, Alias("scheduler-state")]
public sealed class SchedulerState
{
    /// <summary>The last epoch given to a lease, in states without pages; since then it is in <see cref="PoolChanges"/>.</summary>
    [Id(0)]
    public long LastEpoch { get; set; }

    /// <summary>Waiting jobs, next first, in states without pages; empty since.</summary>
    [Id(1)]
    public List<JobRequest> Queue { get; set; } = [];

    /// <summary>Devices by name, in states without pages; empty since.</summary>
    [Id(2)]
    public Dictionary<string, DeviceRecord> Devices { get; set; } = [];

    /// <summary>The whole pool from which the journal goes on; null in states without pages.</summary>
    [Id(3)]
    public PagesRef? Pages { get; set; }
}
