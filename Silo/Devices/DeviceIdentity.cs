using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Silo.Devices;

/// <summary>The device that this process serves, and this process' name for itself: new at every start.</summary>
/// <remarks>Among several machines its name ends with the machine's: <c>cuda:0@node1</c>.</remarks>
public sealed class DeviceIdentity(string name)
{
    public string Name { get; } = name;

    /// <summary>The device on this machine: <c>cuda:0</c>.</summary>
    public string Local => Name.Split('@', 2)[0];

    public Guid Incarnation { get; } = Guid.NewGuid();

    public DeviceInfo Info => new(Name, Incarnation)
    {
        Kind = Local.Split(':', 2)[0],
        MemoryBytes = Memory(Name),
        Host = Name.Split('@', 2) is [_, var host] ? host : Environment.MachineName,
    };

    /// <summary>The name of the silo that serves a device, by which its grain is placed.</summary>
    public static string SiloName(string device) => $"gpu-{device}";

    /// <summary>What this process may use of the host's memory, or 0 for a GPU, whose memory is not known here.</summary>
    private static long Memory(string name) => name.StartsWith("cpu", StringComparison.Ordinal) ? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes : 0;
}
