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

    public static IntegerKey ControlPort { get; } = Port("control", "Port of the control silo for other silos; further control silos have the next ports.");

    public static IntegerKey GatewayPort { get; } = Port("gateway", "Port of the control silo for clients; further control silos have the next ports.");

    public static IntegerKey DevicePort { get; } = Port("devices", "Port of the first device's silo; the next devices have the next ports.");

    public static SectionKey Ports { get; } = new("ports", "Where this machine's silos listen; what is not given is a free port, with a database 11111, 30000 and 11200.", ControlPort, GatewayPort, DevicePort);

    public static IntegerKey ControlSilos { get; } = new("control_silos", "Control silos on this machine; more than one only with a database.", 1, 8) { Default = 1 };

    /// <summary>The whole file.</summary>
    public static SectionKey Root { get; } = new("", "A lasting cluster, or one machine of it.", Version, Store, Devices, ControlSilos, Ports, NetworkKeys.Section, DatabaseKeys.Section,
        AccessKeys.Http, AccessKeys.Tls, AccessKeys.Access, AccessKeys.Telemetry);

    /// <summary>The last port there is.</summary>
    public const int LastPort = HighestPort;

    private static IntegerKey Port(string name, string doc) => new(name, doc, LowestPort, HighestPort);

    [GeneratedRegex(@"\A(cpu|cuda:\d{1,3})\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex DeviceName();
}
