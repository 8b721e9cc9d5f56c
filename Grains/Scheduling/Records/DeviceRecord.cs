using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Grains.Scheduling.Records;

/// <summary>A device that has registered once.</summary>
[GenerateSerializer, Immutable, Alias("device-record")]
public sealed record DeviceRecord
{
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>The process that serves it.</summary>
    [Id(1)]
    public Guid Incarnation { get; init; }

    /// <summary>False: lost or gone, until it registers again.</summary>
    [Id(2)]
    public bool Present { get; init; }

    /// <summary>Epoch of its last lease; 0: never had one.</summary>
    [Id(3)]
    public long Epoch { get; init; }

    /// <summary>What it computes, in states from before there were <see cref="LeaseRecord"/>s; null since.</summary>
    [Id(4)]
    public JobRequest? Job { get; init; }

    /// <summary>That job was told to stop for good.</summary>
    [Id(5)]
    public bool Cancelled { get; init; }

    /// <summary>What it said about itself; null in older states.</summary>
    [Id(6)]
    public DeviceInfo? Info { get; init; }

    /// <summary>The waiting job for which another one was made to leave it; null: none.</summary>
    [Id(7)]
    public QueueKey? KeptFor { get; init; }
}
