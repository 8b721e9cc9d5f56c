using Orchestrator.Abstractions;

namespace Orchestrator.Grains.Scheduling.Records;

/// <summary>An experiment's claim on the pool, and what it has had of it.</summary>
/// <param name="Experiment">The experiment.</param>
/// <param name="Weight">Its share relative to others.</param>
/// <param name="Priority">Its class.</param>
/// <param name="MaxDevices">Devices that it may hold; null: no limit.</param>
/// <param name="Paused">Nothing of it starts.</param>
/// <param name="Usage">Devices per unit of weight that it held of late, as it was at <paramref name="UsageAt"/>.</param>
/// <param name="UsageAt">When its usage was that; from then on it held the devices of its leases.</param>
/// <param name="Lines">Its classes with a job that could start.</param>
[GenerateSerializer, Immutable, Alias("account-record")]
public sealed record AccountRecord(
    [property: Id(0)] ExperimentId Experiment,
    [property: Id(1)] double Weight,
    [property: Id(2)] int Priority,
    [property: Id(3)] int? MaxDevices,
    [property: Id(4)] bool Paused,
    [property: Id(5)] double Usage,
    [property: Id(6)] DateTimeOffset UsageAt,
    [property: Id(7)] IReadOnlyList<LineRecord> Lines);

/// <summary>A class of an experiment that has a job that could start.</summary>
/// <param name="Priority">The class that its jobs name; null: none.</param>
/// <param name="Since">Since when the first of them could have started.</param>
[GenerateSerializer, Immutable, Alias("line-record")]
public sealed record LineRecord([property: Id(0)] int? Priority, [property: Id(1)] DateTimeOffset Since);

/// <summary>A waiting job for which devices are kept.</summary>
[GenerateSerializer, Immutable, Alias("promise-record")]
public sealed record PromiseRecord([property: Id(0)] QueueKey Job, [property: Id(1)] DateTimeOffset Since);
