using Orchestrator.Planning.Clusters;
using Orchestrator.Silo.Hosting;

namespace Orchestrator.Silo.Http;

/// <summary>The part of the command line that is about HTTP; all but the port stands in the cluster's file.</summary>
internal static class HttpArguments
{
    private const string Port = "http-port";

    public static readonly string[] Names = [Port];

    /// <summary>Reads it; what is wrong stands among the errors.</summary>
    public static HttpSettings Read(Dictionary<string, string> values, ClusterDefinition? cluster, List<string> errors)
    {
        var access = cluster?.Access ?? ClusterAccess.Open;
        return new HttpSettings(access.HttpAddress, SiloSettings.Number(values, Port, 0, 65_535, 0, errors))
        {
            HasTls = access.Tls is not null && !access.IsBehindProxy,
            Collector = access.Collector,
        };
    }
}
