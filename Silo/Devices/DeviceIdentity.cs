using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Silo.Devices;

/// <summary>The device that this process serves, and this process' name for itself: new at every start.</summary>
public sealed class DeviceIdentity(string name)
{
    public string Name { get; } = name;

    public Guid Incarnation { get; } = Guid.NewGuid();

    public DeviceInfo Info => new(Name, Incarnation);

    /// <summary>The name of the silo that serves a device, by which its grain is placed.</summary>
    public static string SiloName(string device) => $"gpu-{device}";
}
