using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Scheduling.Leases;
using Orchestrator.Grains.Scheduling.Records;
using Orchestrator.Grains.Scheduling.Waiting;

namespace Orchestrator.Grains.Scheduling.Devices;

/// <summary>A device that has registered once. Only <see cref="Fleet"/> changes what its indexes depend on.</summary>
internal sealed class Device(string name)
{
    private static readonly IReadOnlySet<string> Nothing = new HashSet<string>();

    public string Name { get; } = name;

    /// <summary>The process that serves it.</summary>
    public Guid Incarnation { get; set; }

    /// <summary>Its id; null: not known.</summary>
    public int? ProcessId { get; set; }

    /// <summary>Free on the store's disk when it was last heard from; null: not known. Not durable.</summary>
    public long? FreeBytes { get; set; }

    /// <summary>What must be free there before it takes a job. Not durable.</summary>
    public long RequiredBytes { get; set; }

    /// <summary>The store's disk has no room for what a job would write.</summary>
    public bool IsDiskFull => FreeBytes < RequiredBytes;

    public DeviceType Type { get; private set; } = DeviceType.Of(KindOf(name), 0);

    public string HostName { get; private set; } = name;

    /// <summary>Keys of what its host has on a disk of its own.</summary>
    public IReadOnlySet<string> Near { get; private set; } = Nothing;

    /// <summary>False: lost or gone, until it registers again.</summary>
    public bool Present { get; set; }

    /// <summary>Epoch of its last lease; 0: never had one.</summary>
    public long LastEpoch { get; set; }

    /// <summary>Null: free.</summary>
    public Lease? Lease { get; set; }

    /// <summary>When it was last heard from; not durable.</summary>
    public DateTimeOffset HeardAt { get; set; } = DateTimeOffset.MinValue;

    /// <summary>When its lease ends unless renewed; not durable.</summary>
    public DateTimeOffset ExpiresAt { get; set; }

    /// <summary>The waiting job that it is promised to by the plan of the present moment.</summary>
    public WaitingJob? PromisedTo { get; set; }

    /// <summary>When that job is expected to start; null where that cannot be said.</summary>
    public DateTimeOffset? PromisedFrom { get; set; }

    /// <summary>Jobs of a higher class than this may break that promise.</summary>
    public int PromisedClass { get; set; }

    /// <summary>The waiting job for which another one was made to leave the device; it counts while that job waits.</summary>
    public QueueKey? KeptFor { get; set; }

    /// <summary>Position in the list of free devices; -1: not in it.</summary>
    public int FreeIndex { get; set; } = -1;

    /// <summary>Its place in the order of availability.</summary>
    public Availability Availability { get; set; }

    /// <summary>The name up to its colon: <c>cuda</c> of <c>cuda:0</c>.</summary>
    public static string KindOf(string name) => name.Split(':', 2)[0];

    public bool Is(DeviceType type, string host, IReadOnlyCollection<string> near) =>
        type == Type && host == HostName && near.Count == Near.Count && Near.SetEquals(near);

    public void Become(DeviceType type, string host, IReadOnlyCollection<string> near)
    {
        Type = type;
        HostName = host;
        Near = near.Count == 0 ? Nothing : near.ToHashSet();
    }

    public DeviceInfo ToInfo() => new(Name, Incarnation)
    {
        Kind = Type.Kind,
        MemoryBytes = Type.Capacity == long.MaxValue ? 0 : Type.Capacity,
        Host = HostName,
        Near = Near.Count == 0 ? null : [.. Near],
        ProcessId = ProcessId,
        FreeBytes = FreeBytes,
        RequiredBytes = RequiredBytes,
    };
}
