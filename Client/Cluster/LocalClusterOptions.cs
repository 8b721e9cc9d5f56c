using Orchestrator.Planning.Clusters;

namespace Orchestrator.Client.Cluster;

/// <summary>What kind of cluster is started.</summary>
/// <param name="IsLasting">It outlives the command that asked for it: the control silo is started again too, and a device that cannot be kept up is left out.</param>
/// <param name="Ports">Where it listens.</param>
public sealed record LocalClusterOptions(bool IsLasting, ClusterPorts Ports)
{
    /// <summary>The cluster of one command.</summary>
    public static LocalClusterOptions OneCommand { get; } = new(false, ClusterPorts.Any);
}
