using System.Text.RegularExpressions;
using Orchestrator.Planning.Specs.Schema;

namespace Orchestrator.Planning.Clusters;

/// <summary>The keys of <c>network</c>.</summary>
internal static partial class NetworkKeys
{
    public static TextKey Host { get; } = new("host", "This machine's name in the cluster; not given: the system's.")
    {
        Pattern = HostName(),
        PatternText = ClusterNames.HostText,
    };

    public static TextKey Advertise { get; } = new("advertise", "Address or host name by which other machines reach this one's silos; not given: loopback, for a cluster on one machine.");

    public static TextKey Listen { get; } = new("listen", "Address on which silos listen, or any; not given: the advertised one.");

    public static BooleanKey Encrypted { get; } = new("encrypted", "The network itself encrypts and lets only this cluster's machines in (WireGuard, a mesh): silos beyond loopback need no section tls then.") { Default = false };

    public static SectionKey Section { get; } = new("network", "This machine in a cluster of several.", Host, Advertise, Listen, Encrypted);

    public static ClusterNetwork Read(SpecSection root)
    {
        var section = root.Get(Section);
        return new ClusterNetwork(section.Find(Host), section.Find(Advertise), section.Find(Listen)) { IsEncrypted = section.TryGet(Encrypted, out var encrypted) && encrypted };
    }

    [GeneratedRegex(ClusterNames.HostPattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex HostName();
}
