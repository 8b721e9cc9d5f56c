using System.Text.Json;
using Orchestrator.Abstractions.Results;
using Orchestrator.Contracts.Scheduling;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Silo.Devices;

/// <summary>The device that this process serves, and this process' name for itself: new at every start.</summary>
/// <param name="name"><c>cpu</c>, <c>cuda:0</c>; among several machines it ends with the machine's: <c>cuda:0@node1</c>.</param>
/// <param name="room">Room on the store's disk; null: not looked at.</param>
public sealed class DeviceIdentity(string name, StoreRoom? room = null)
{
    public string Name { get; } = name;

    /// <summary>The device on this machine: <c>cuda:0</c>.</summary>
    public string Local => Name.Split('@', 2)[0];

    public Guid Incarnation { get; } = Guid.NewGuid();

    /// <summary>How the process before this one ended; null: nobody wrote it down.</summary>
    public ProcessEnd? Before { get; init; }

    public DeviceInfo Info => new(Name, Incarnation)
    {
        Kind = Local.Split(':', 2)[0],
        MemoryBytes = Memory(Name),
        Host = Name.Split('@', 2) is [_, var host] ? host : Environment.MachineName,
        ProcessId = Environment.ProcessId,
        Before = Before,
        FreeBytes = room?.Free,
        RequiredBytes = room?.Required ?? 0,
    };

    /// <summary>The name of the silo that serves a device, by which its grain is placed.</summary>
    public static string SiloName(string device) => $"gpu-{device}";

    /// <summary>What a supervisor wrote of the last process of a silo; null where it wrote nothing that can be read.</summary>
    public static ProcessEnd? ReadEnd(StoreLayout layout, string silo)
    {
        try
        {
            return ResultJson.Read<ProcessEnd>(layout.EndOf(silo));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>What this process may use of the host's memory, or 0 for a GPU, whose memory is not known here.</summary>
    private static long Memory(string name) => name.StartsWith("cpu", StringComparison.Ordinal) ? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes : 0;
}
