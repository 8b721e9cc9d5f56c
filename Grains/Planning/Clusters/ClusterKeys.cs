using System.Text.RegularExpressions;
using Orchestrator.Planning.Specs.Schema;

namespace Orchestrator.Planning.Clusters;

/// <summary>Version 1 of <c>cluster.yaml</c>.</summary>
internal static partial class ClusterKeys
{
    private const int LowestPort = 1_024;
    private const int HighestPort = 65_535;

    public static IntegerKey Version { get; } = new("version", "Version of this layout.", 1, 1) { Required = true };

    public static TextKey Store { get; } = new("store", "Folder of the store, relative to this file's folder.");

    public static ListKey<string> Devices { get; } = new(
        new TextKey("devices", "What to compute on, a process each.") { Pattern = DeviceName(), PatternText = "cpu, cuda:0, cuda:1 …" }, 64);

    public static IntegerKey ControlPort { get; } = Port("control", "Loopback port of the control silo for other silos.");

    public static IntegerKey GatewayPort { get; } = Port("gateway", "Loopback port of the control silo for clients.");

    public static IntegerKey DevicePort { get; } = Port("devices", "Loopback port of the first device's silo; the next devices have the next ports.");

    public static SectionKey Ports { get; } = new("ports", "Where the cluster listens; what is not given is a free port.", ControlPort, GatewayPort, DevicePort);

    /// <summary>The whole file.</summary>
    public static SectionKey Root { get; } = new("", "A lasting cluster on this machine.", Version, Store, Devices, Ports);

    /// <summary>The last port there is.</summary>
    public const int LastPort = HighestPort;

    private static IntegerKey Port(string name, string doc) => new(name, doc, LowestPort, HighestPort);

    [GeneratedRegex(@"\A(cpu|cuda:\d{1,3})\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex DeviceName();
}
