using Orchestrator.Abstractions;

namespace Orchestrator.Contracts.Scheduling;

/// <summary>Stages that run together on one device: one stage, or all dictionaries of one stream.</summary>
/// <param name="Id">Equal for equal stages.</param>
/// <param name="Experiment">Who asked.</param>
/// <param name="Stages">What to compute.</param>
[GenerateSerializer, Immutable, Alias("JobRequest")]
public sealed record JobRequest(
    [property: Id(0)] string Id,
    [property: Id(1)] ExperimentId Experiment,
    [property: Id(2)] IReadOnlyList<JobStage> Stages)
{
    /// <summary>What it needs of the pool; null: one device, whichever.</summary>
    [Id(3)]
    public JobDemand? Demand { get; init; }
}

/// <summary>A stage of a job.</summary>
[GenerateSerializer, Immutable, Alias("JobStage")]
public sealed record JobStage(
    [property: Id(0)] StageKey Key,
    [property: Id(1)] string DefinitionJson);

/// <summary>A job with the lease it runs under.</summary>
[GenerateSerializer, Immutable, Alias("JobAssignment")]
public sealed record JobAssignment(
    [property: Id(0)] JobRequest Job,
    [property: Id(1)] long Epoch)
{
    /// <summary>
    /// The devices that are leased together under this epoch. The first one is told; the others are held for it, and
    /// their processes get nothing else. Null, from an older scheduler: only the device that was told.
    /// </summary>
    [Id(2)]
    public IReadOnlyList<string>? Devices { get; init; }
}

/// <summary>A device.</summary>
/// <param name="Name"><c>cpu</c> or <c>cuda:0</c>.</param>
/// <param name="Incarnation">New for each process that serves the device.</param>
[GenerateSerializer, Immutable, Alias("DeviceInfo")]
public sealed record DeviceInfo([property: Id(0)] string Name, [property: Id(1)] Guid Incarnation)
{
    /// <summary><c>cpu</c>, <c>cuda</c>; null: the name up to its colon.</summary>
    [Id(2)]
    public string? Kind { get; init; }

    /// <summary>Memory that a job can use there, bytes; 0: unknown, every job is taken to fit.</summary>
    [Id(3)]
    public long MemoryBytes { get; init; }

    /// <summary>The machine; null: one of its own.</summary>
    [Id(4)]
    public string? Host { get; init; }

    /// <summary>Keys of the artefacts, streams and checkpoints that this host has on a disk of its own; null: nothing known.</summary>
    [Id(5)]
    public IReadOnlyList<string>? Near { get; init; }

    /// <summary>The process that serves it; null, from an older silo: not known.</summary>
    [Id(6)]
    public int? ProcessId { get; init; }

    /// <summary>How the process before this one ended; null: not known.</summary>
    [Id(7)]
    public ProcessEnd? Before { get; init; }

    /// <summary>Bytes that are free on the store's disk, as the device sees it; null: not known.</summary>
    [Id(8)]
    public long? FreeBytes { get; init; }

    /// <summary>Bytes that must be free there before the device takes a job.</summary>
    [Id(9)]
    public long RequiredBytes { get; init; }
}

/// <summary>The queue and the leases.</summary>
[GenerateSerializer, Immutable, Alias("SchedulerStatus")]
public sealed record SchedulerStatus(
    [property: Id(0)] IReadOnlyList<JobRequest> Queued,
    [property: Id(1)] IReadOnlyList<LeaseStatus> Leases);

/// <summary>A device and its lease.</summary>
/// <param name="Job">Null: the device is free.</param>
[GenerateSerializer, Immutable, Alias("LeaseStatus")]
public sealed record LeaseStatus(
    [property: Id(0)] DeviceInfo Device,
    [property: Id(1)] long Epoch,
    [property: Id(2)] JobRequest? Job,
    [property: Id(3)] DateTimeOffset? ExpiresAt);
