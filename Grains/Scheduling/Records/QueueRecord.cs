using Orchestrator.Abstractions;
using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Grains.Scheduling.Records;

/// <summary>A waiting job.</summary>
/// <param name="Job">The job.</param>
/// <param name="Order">Its place: unique in the pool, less is earlier.</param>
/// <param name="QueuedAt">Since when it waits.</param>
/// <param name="LastHost">Where it was computed last; null: it never was.</param>
[GenerateSerializer, Immutable, Alias("queue-record")]
public sealed record QueueRecord(
    [property: Id(0)] JobRequest Job,
    [property: Id(1)] long Order,
    [property: Id(2)] DateTimeOffset QueuedAt,
    [property: Id(3)] string? LastHost)
{
    public QueueKey Key => new(Job.Experiment, Job.Id);
}

/// <summary>Which waiting job.</summary>
[GenerateSerializer, Immutable, Alias("queue-key")]
public readonly record struct QueueKey([property: Id(0)] ExperimentId Experiment, [property: Id(1)] string Job);
