using System.Net;
using Orchestrator.Planning.Access;

namespace Orchestrator.Planning.Clusters;

/// <summary>How a cluster is reached over HTTP, by whom, and what specs may use.</summary>
public sealed record ClusterAccess
{
    /// <summary>Loopback, and everything allowed: a user's own machine.</summary>
    public static ClusterAccess Open { get; } = new();

    /// <summary>On which silos answer over HTTP.</summary>
    public IPAddress HttpAddress { get; init; } = IPAddress.Loopback;

    /// <summary>Of the first control silo of a machine; null: free ports.</summary>
    public int? HttpPort { get; init; }

    /// <summary>The operator says that a proxy does TLS for HTTP.</summary>
    public bool IsBehindProxy { get; init; }

    /// <summary>Certificates of this machine; null: none.</summary>
    public TlsFiles? Tls { get; init; }

    /// <summary>What specs may read.</summary>
    public AllowedFolders Folders { get; init; } = AllowedFolders.Any;

    /// <summary>SHA-256 of the plugins that may be loaded, lower case; null: all.</summary>
    public IReadOnlySet<string>? Plugins { get; init; }

    /// <summary>Where telemetry is sent; null: nowhere.</summary>
    public Uri? Collector { get; init; }
}
