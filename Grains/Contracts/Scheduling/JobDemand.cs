namespace Orchestrator.Contracts.Scheduling;

/// <summary>What a job needs of the pool. Every default means: not known, or like the job's experiment.</summary>
[GenerateSerializer, Immutable, Alias("JobDemand")]
public sealed record JobDemand
{
    /// <summary>One device, whichever, for as long as it takes.</summary>
    public static JobDemand None { get; } = new();

    /// <summary>The job's class, -1000 to 1000: a higher one goes first and may preempt. Null: the experiment's.</summary>
    [Id(0)]
    public int? Priority { get; init; }

    /// <summary>Memory that it needs on each of its devices, bytes; 0: unknown, every device is taken to do.</summary>
    [Id(1)]
    public long MemoryBytes { get; init; }

    /// <summary>How long it will take on its devices, from measured rates; null: unknown.</summary>
    [Id(2)]
    public TimeSpan? Duration { get; init; }

    /// <summary>Devices of one kind that it needs at once: it gets all of them or none; at least 1.</summary>
    [Id(3)]
    public int Devices { get; init; } = 1;

    /// <summary>The kind of device that it needs, <c>cpu</c> or <c>cuda</c>; null: any.</summary>
    [Id(4)]
    public string? Kind { get; init; }

    /// <summary>The host on whose own disk its checkpoint lies; null: none known.</summary>
    [Id(5)]
    public string? CheckpointHost { get; init; }

    /// <summary>Hosts on whose own disks its stream lies.</summary>
    [Id(6)]
    public IReadOnlyList<string> StreamHosts { get; init; } = [];

    /// <summary>Keys of what it reads, to be compared with <see cref="DeviceInfo.Near"/>.</summary>
    [Id(7)]
    public IReadOnlyList<string> Inputs { get; init; } = [];
}
