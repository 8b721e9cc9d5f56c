namespace Orchestrator.Planning.Clusters;

/// <summary>What a lasting cluster on one machine is made of.</summary>
/// <param name="Store">Absolute path of the store; null: not given.</param>
/// <param name="Devices"><c>cpu</c>, <c>cuda:0</c> …, a process each; null: not given.</param>
/// <param name="Ports">Where it listens.</param>
public sealed record ClusterDefinition(string? Store, IReadOnlyList<string>? Devices, ClusterPorts Ports);

/// <summary>Loopback ports; null: one that is free.</summary>
/// <param name="Control">Of the control silo, for silos.</param>
/// <param name="Gateway">Of the control silo, for clients.</param>
/// <param name="FirstDevice">Of the first device's silo; the next devices have the next ports.</param>
public sealed record ClusterPorts(int? Control = null, int? Gateway = null, int? FirstDevice = null)
{
    /// <summary>All free ones.</summary>
    public static ClusterPorts Any { get; } = new();
}
