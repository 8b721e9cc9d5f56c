using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Grains.Scheduling.Records;

/// <summary>A job on its devices.</summary>
/// <param name="Epoch">Its number; greater than that of every lease before.</param>
/// <param name="Job">The job, with the stages that it computes.</param>
/// <param name="Devices">Their names, the leading one first.</param>
/// <param name="StartedAt">When it was granted.</param>
/// <param name="Cancelled">It was told to stop for good.</param>
/// <param name="YieldReason">Why it was asked to make room; null: it was not.</param>
/// <param name="YieldFor">The waiting job that it makes room for; null: none.</param>
/// <param name="IsOwed">It started because it had waited too long.</param>
[GenerateSerializer, Immutable, Alias("lease-record")]
public sealed record LeaseRecord(
    [property: Id(0)] long Epoch,
    [property: Id(1)] JobRequest Job,
    [property: Id(2)] IReadOnlyList<string> Devices,
    [property: Id(3)] DateTimeOffset StartedAt,
    [property: Id(4)] bool Cancelled,
    [property: Id(5)] string? YieldReason,
    [property: Id(6)] QueueKey? YieldFor,
    [property: Id(7)] bool IsOwed);
