using Orchestrator.Abstractions;
using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Grains.Scheduling.Records;

/// <summary>
/// What became different in a pool, to be made durable as one: either all of it counts after a crash, or nothing. A whole
/// pool is written in the same form. Each record replaces the one before it of the same key.
/// </summary>
[GenerateSerializer, Immutable, Alias("pool-changes")]
public sealed record PoolChanges
{
    /// <summary>The last epoch given to a lease: one sequence for all devices, so that a run that moves sees it grow.</summary>
    [Id(0)]
    public long LastEpoch { get; init; }

    /// <summary>The order of the last job that was put at the back.</summary>
    [Id(1)]
    public long LastOrder { get; init; }

    /// <summary>The order of the last job that was put at the front.</summary>
    [Id(2)]
    public long FirstOrder { get; init; }

    [Id(3)]
    public IReadOnlyList<DeviceRecord> Devices { get; init; } = [];

    [Id(4)]
    public IReadOnlyList<AccountRecord> Accounts { get; init; } = [];

    [Id(5)]
    public IReadOnlyList<ExperimentId> Forgotten { get; init; } = [];

    [Id(6)]
    public IReadOnlyList<QueueRecord> Queued { get; init; } = [];

    [Id(7)]
    public IReadOnlyList<QueueKey> Unqueued { get; init; } = [];

    [Id(8)]
    public IReadOnlyList<LeaseRecord> Leases { get; init; } = [];

    /// <summary>Epochs of leases that have ended.</summary>
    [Id(9)]
    public IReadOnlyList<long> Ended { get; init; } = [];

    /// <summary>All promises; null: they are as they were.</summary>
    [Id(10)]
    public IReadOnlyList<PromiseRecord>? Promises { get; init; }

    /// <summary>Bytes that it takes, roughly: definitions of stages are most of it.</summary>
    public int Size => (100 * (1 + Devices.Count + Accounts.Count + Forgotten.Count + Unqueued.Count + Ended.Count + (Promises?.Count ?? 0)))
        + Queued.Sum(record => SizeOf(record.Job)) + Leases.Sum(record => SizeOf(record.Job));

    /// <summary>Bytes that a job takes, roughly.</summary>
    public static int SizeOf(JobRequest job) => 200 + job.Stages.Sum(stage => 50 + stage.DefinitionJson.Length);
}
