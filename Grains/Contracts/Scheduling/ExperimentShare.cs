using Orchestrator.Abstractions;

namespace Orchestrator.Contracts.Scheduling;

/// <summary>What an experiment may have of a pool, and what it has.</summary>
/// <param name="Experiment">The experiment.</param>
/// <param name="Weight">Its share of the devices relative to others that have work; default 1.</param>
/// <param name="Priority">The class of its jobs that name none of their own; default 0.</param>
/// <param name="MaxDevices">Devices that it may hold at once; null: no limit.</param>
/// <param name="Paused">Nothing of it starts; what ran was asked to make a checkpoint and to go back to the queue.</param>
/// <param name="Devices">Devices that it holds.</param>
/// <param name="RecentDevices">Devices that it held on average of late: older use counts half for each half-life.</param>
/// <param name="Waiting">Jobs that wait.</param>
[GenerateSerializer, Immutable, Alias("ExperimentShare")]
public sealed record ExperimentShare(
    [property: Id(0)] ExperimentId Experiment,
    [property: Id(1)] double Weight,
    [property: Id(2)] int Priority,
    [property: Id(3)] int? MaxDevices,
    [property: Id(4)] bool Paused,
    [property: Id(5)] int Devices,
    [property: Id(6)] double RecentDevices,
    [property: Id(7)] int Waiting);

/// <summary>Where stages are at the moment.</summary>
/// <param name="Queued">Those that wait in a job of the experiment that asks.</param>
/// <param name="Leased">Those that a device computes, for whichever experiment.</param>
/// <param name="Held">Those that a device computes for the experiment that asks.</param>
[GenerateSerializer, Immutable, Alias("StagePlaces")]
public sealed record StagePlaces(
    [property: Id(0)] IReadOnlyList<StageKey> Queued,
    [property: Id(1)] IReadOnlyList<StageKey> Leased,
    [property: Id(2)] IReadOnlyList<StageKey> Held);
