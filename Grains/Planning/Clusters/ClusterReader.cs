using System.Diagnostics.CodeAnalysis;
using System.Net;
using Orchestrator.Planning.Specs;
using Orchestrator.Planning.Specs.Schema;
using Orchestrator.Planning.Specs.Yaml;

namespace Orchestrator.Planning.Clusters;

/// <summary>Reads <c>cluster.yaml</c> and finds every mistake in it at once.</summary>
public static class ClusterReader
{
    private const string What = "the cluster's file";

    /// <summary>Reads a file.</summary>
    /// <param name="path">As the user wrote it; messages repeat it.</param>
    public static ClusterReading ReadFile(string path)
    {
        var problems = new SpecProblems(path, What);
        return SpecText.Load(path, problems) is { } text
            ? Read(text, Path.GetFullPath(path), problems)
            : new ClusterReading(null, problems.InOrder());
    }

    private static ClusterReading Read(string text, string file, SpecProblems problems)
    {
        var folder = Path.GetDirectoryName(file)!;
        var node = SpecNodeReader.Read(text, problems);
        if (node is not null and not MappingNode)
            problems.Add(node, $"{What} is not a mapping", node.Found, ClusterKeys.Root.Allowed);

        if (node is not MappingNode mapping)
            return new ClusterReading(null, problems.InOrder());

        var root = SpecSection.Read(mapping, "", ClusterKeys.Root, problems);
        var ports = root.Get(ClusterKeys.Ports);
        var devices = root.TryGet(ClusterKeys.Devices, out var names) ? names : null;
        var found = new ClusterPorts(Port(ports, ClusterKeys.ControlPort), Port(ports, ClusterKeys.GatewayPort), Port(ports, ClusterKeys.DevicePort));
        var database = DatabaseKeys.Read(root, folder, problems);
        if (root.Gives(DatabaseKeys.Section))
            found = found.OrFixed;

        var controls = root.TryGet(ClusterKeys.ControlSilos, out var count) ? (int)count : 1;
        RequireDatabase(root, controls, problems);
        RequireEncryption(root, problems);
        var access = AccessKeys.Read(root, folder, problems);
        Check(ports, found, controls, devices?.Count ?? 1, problems);
        var store = root.Find(ClusterKeys.Store);
        return problems.Any
            ? new ClusterReading(null, problems.InOrder())
            : new ClusterReading(
                new ClusterDefinition(store is null ? null : Path.GetFullPath(store, folder), devices, found)
                {
                    File = file,
                    Database = database,
                    ControlSilos = controls,
                    Network = NetworkKeys.Read(root),
                    Access = access,
                },
                []);
    }

    /// <summary>Without a database a cluster is on one machine, where its one control silo holds the state.</summary>
    private static void RequireDatabase(SpecSection root, int controls, SpecProblems problems)
    {
        if (root.Gives(DatabaseKeys.Section))
            return;

        if (controls > 1)
            problems.Add(root.NodeOf(ClusterKeys.ControlSilos)!, "control_silos: more than one needs a database", Shown.Quoted($"{controls}"), "1, or a database section");

        if (root.Gives(NetworkKeys.Section))
            problems.Add(root.NodeOf(NetworkKeys.Section)!, "network: several machines need a database", null, "a database section beside it");
    }

    /// <summary>Whoever reaches a silo can do everything: beyond loopback it must know whom it talks to.</summary>
    private static void RequireEncryption(SpecSection root, SpecProblems problems)
    {
        var network = root.Get(NetworkKeys.Section);
        if (root.Gives(AccessKeys.Tls) || (network.TryGet(NetworkKeys.Encrypted, out var encrypted) && encrypted))
            return;

        foreach (var key in (TextKey[])[NetworkKeys.Advertise, NetworkKeys.Listen])
        {
            if (network.Find(key) is { } address && !IsLoopback(address))
                problems.Add(network.NodeOf(key)!, $"network.{key.Name}: beyond loopback it takes TLS", Shown.Quoted(address), "a section tls, or network.encrypted: true, which says that the network itself encrypts and lets only this cluster's machines in");
        }
    }

    private static bool IsLoopback(string address) => address == "localhost" || (IPAddress.TryParse(address, out var parsed) && IPAddress.IsLoopback(parsed));

    /// <summary>No two silos can listen on one port.</summary>
    private static void Check(SpecSection section, ClusterPorts ports, int controls, int devices, SpecProblems problems)
    {
        var control = new PortRange(ClusterKeys.ControlPort, ports.Control, controls, "control silos");
        var gateway = new PortRange(ClusterKeys.GatewayPort, ports.Gateway, controls, "control silos");
        var device = new PortRange(ClusterKeys.DevicePort, ports.FirstDevice, devices, "devices");
        foreach (var range in (PortRange[])[control, gateway, device])
        {
            if (range.Last > ClusterKeys.LastPort)
                problems.Add(section.NodeOf(range.Key)!, $"ports.{range.Key.Name}: too high for all {range.What}", Shown.Quoted($"{range.First}"), $"at most {ClusterKeys.LastPort - range.Count + 1} with {range.Count} {range.What}");
        }

        if (control.Meets(gateway))
            problems.Add(section.NodeOf(ClusterKeys.GatewayPort)!, controls == 1 ? "ports.gateway: the same as ports.control" : "ports.gateway: takes a port of ports.control", Shown.Quoted($"{gateway.First}"), "different ports");

        foreach (var other in (PortRange[])[control, gateway])
        {
            if (device.Meets(other))
                problems.Add(section.NodeOf(ClusterKeys.DevicePort)!, $"ports.devices: takes ports.{other.Key.Name} ({other.First}) for a device", Shown.Quoted($"{device.First}"), "different ports");
        }
    }

    private static int? Port(SpecSection section, IntegerKey key) => section.TryGet(key, out var port) ? (int)port : null;

    /// <summary>Ports one after the other; none where the first is not given.</summary>
    private sealed record PortRange(IntegerKey Key, int? First, int Count, string What)
    {
        public int? Last => First + Count - 1;

        public bool Meets(PortRange other) => First <= other.Last && other.First <= Last;
    }
}

/// <summary>What reading gave: the definition, or every mistake.</summary>
/// <param name="Definition">Null exactly when there are problems.</param>
/// <param name="Problems">By line, then column.</param>
public sealed record ClusterReading(ClusterDefinition? Definition, IReadOnlyList<SpecProblem> Problems)
{
    [MemberNotNullWhen(true, nameof(Definition))]
    public bool IsValid => Definition is not null;
}
