using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Grains.Scheduling;

/// <summary>What a scheduler must not forget.</summary>
[GenerateSerializer, Alias("scheduler-state")]
public sealed class SchedulerState
{
    /// <summary>The last epoch given to a lease: one sequence for all devices, so that a run that moves sees it grow.</summary>
    [Id(0)]
    public long LastEpoch { get; set; }

    /// <summary>Waiting jobs, next first.</summary>
    [Id(1)]
    public List<JobRequest> Queue { get; set; } = [];

    /// <summary>By name.</summary>
    [Id(2)]
    public Dictionary<string, DeviceRecord> Devices { get; set; } = [];
}

/// <summary>A device that has registered once.</summary>
[GenerateSerializer, Alias("device-record")]
public sealed class DeviceRecord
{
    [Id(0)]
    public required string Name { get; set; }

    /// <summary>The process that serves it.</summary>
    [Id(1)]
    public Guid Incarnation { get; set; }

    /// <summary>False: lost or gone, until it registers again.</summary>
    [Id(2)]
    public bool Present { get; set; }

    /// <summary>Epoch of its last lease; 0: never had one.</summary>
    [Id(3)]
    public long Epoch { get; set; }

    /// <summary>What it computes; null: free.</summary>
    [Id(4)]
    public JobRequest? Job { get; set; }

    /// <summary>The job was told to stop for good: it does not return to the queue.</summary>
    [Id(5)]
    public bool Cancelled { get; set; }
}
