namespace Orchestrator.Contracts.Experiments;

/// <summary>What a spec asks of the cluster. Null: nothing; what people set for the experiment stays.</summary>
[GenerateSerializer, Immutable, Alias("ExperimentDemand")]
public sealed record ExperimentDemand
{
    /// <summary>The class of its jobs, -1000 to 1000.</summary>
    [Id(0)]
    public int? Priority { get; init; }

    /// <summary>Its share of the devices relative to others.</summary>
    [Id(1)]
    public double? Weight { get; init; }

    /// <summary>Devices that it may hold at once.</summary>
    [Id(2)]
    public int? MaxDevices { get; init; }

    /// <summary>Memory that each of its runs needs on its device, bytes.</summary>
    [Id(3)]
    public long? MemoryBytes { get; init; }

    /// <summary>Whether it sets anything of the experiment as a whole.</summary>
    public bool IsForScheduler => Priority is not null || Weight is not null || MaxDevices is not null;
}
