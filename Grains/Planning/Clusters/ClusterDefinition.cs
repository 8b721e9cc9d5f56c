namespace Orchestrator.Planning.Clusters;

/// <summary>What a lasting cluster is made of, as a machine's file says.</summary>
/// <param name="Store">Absolute path of the store; null: not given.</param>
/// <param name="Devices"><c>cpu</c>, <c>cuda:0</c> …, a process each; null: not given.</param>
/// <param name="Ports">Where it listens.</param>
public sealed record ClusterDefinition(string? Store, IReadOnlyList<string>? Devices, ClusterPorts Ports)
{
    /// <summary>Absolute path of the file.</summary>
    public required string File { get; init; }

    /// <summary>Null: state is in the store, and the cluster on this machine alone.</summary>
    public DatabaseDefinition? Database { get; init; }

    /// <summary>On this machine; more than one only with a database.</summary>
    public int ControlSilos { get; init; } = 1;

    /// <summary>How it is reached over HTTP, by whom, and what specs may use.</summary>
    public ClusterAccess Access { get; init; } = ClusterAccess.Open;

    /// <summary>This machine in the network.</summary>
    public ClusterNetwork Network { get; init; } = ClusterNetwork.Loopback;
}

/// <summary>Ports of this machine; null: one that is free. With a database all are given.</summary>
/// <param name="Control">Of the first control silo, for silos; the next ones have the next ports.</param>
/// <param name="Gateway">Of the first control silo, for clients; the next ones have the next ports.</param>
/// <param name="FirstDevice">Of the first device's silo; the next devices have the next ports.</param>
public sealed record ClusterPorts(int? Control = null, int? Gateway = null, int? FirstDevice = null)
{
    /// <summary>All free ones.</summary>
    public static ClusterPorts Any { get; } = new();

    /// <summary>
    /// Where a database is given: always the same, because firewalls must know them, and because a silo that comes again at
    /// its port takes the place of its predecessor at once.
    /// </summary>
    public ClusterPorts OrFixed => new(Control ?? 11_111, Gateway ?? 30_000, FirstDevice ?? 11_200);
}

/// <summary>A machine in the cluster's network.</summary>
/// <param name="Host">Its name in the cluster, a part of its devices' names; null: the system's.</param>
/// <param name="Advertise">Address or host name by which other machines reach its silos; null: loopback, for nobody.</param>
/// <param name="Listen">The address on which its silos listen, or <c>any</c>; null: the advertised one.</param>
public sealed record ClusterNetwork(string? Host, string? Advertise, string? Listen)
{
    /// <summary>The operator says that the network encrypts, and lets only the cluster's machines in.</summary>
    public bool IsEncrypted { get; init; }

    /// <summary>A cluster on one machine.</summary>
    public static ClusterNetwork Loopback { get; } = new(null, null, null);
}
