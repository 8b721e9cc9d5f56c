using Orchestrator.Planning.Clusters;

namespace Orchestrator.Client.Cluster;

/// <summary>What kind of cluster is started.</summary>
/// <param name="IsLasting">It outlives the command that asked for it: the control silo is started again too, and a device that cannot be kept up is left out.</param>
/// <param name="Ports">Where it listens.</param>
/// <param name="Definition">The cluster's file; null: there is none.</param>
public sealed record LocalClusterOptions(bool IsLasting, ClusterPorts Ports, ClusterDefinition? Definition = null)
{
    /// <summary>Whether members find each other in a database: any of them may then die and come back alone.</summary>
    public bool HasDatabase => Definition?.Database is not null;

    /// <summary>This machine's name in the cluster; null: a cluster on one machine.</summary>
    public string? Host => HasDatabase ? Definition!.Network.Host ?? ClusterNames.ThisHost : null;

    /// <summary>On this machine.</summary>
    public int ControlSilos => HasDatabase ? Definition!.ControlSilos : 1;

    /// <summary>The cluster of one command.</summary>
    public static LocalClusterOptions OneCommand { get; } = new(false, ClusterPorts.Any);
}
