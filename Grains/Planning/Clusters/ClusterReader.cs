using System.Diagnostics.CodeAnalysis;
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
            ? Read(text, Path.GetDirectoryName(Path.GetFullPath(path))!, problems)
            : new ClusterReading(null, problems.InOrder());
    }

    private static ClusterReading Read(string text, string folder, SpecProblems problems)
    {
        var node = SpecNodeReader.Read(text, problems);
        if (node is not null and not MappingNode)
            problems.Add(node, $"{What} is not a mapping", node.Found, ClusterKeys.Root.Allowed);

        if (node is not MappingNode mapping)
            return new ClusterReading(null, problems.InOrder());

        var root = SpecSection.Read(mapping, "", ClusterKeys.Root, problems);
        var ports = root.Get(ClusterKeys.Ports);
        var devices = root.TryGet(ClusterKeys.Devices, out var names) ? names : null;
        var found = new ClusterPorts(Port(ports, ClusterKeys.ControlPort), Port(ports, ClusterKeys.GatewayPort), Port(ports, ClusterKeys.DevicePort));
        Check(ports, found, devices?.Count ?? 1, problems);
        var store = root.Find(ClusterKeys.Store);
        return problems.Any
            ? new ClusterReading(null, problems.InOrder())
            : new ClusterReading(new ClusterDefinition(store is null ? null : Path.GetFullPath(store, folder), devices, found), []);
    }

    /// <summary>No two silos can listen on one port.</summary>
    private static void Check(SpecSection section, ClusterPorts ports, int devices, SpecProblems problems)
    {
        if (ports.FirstDevice is { } first && first + devices - 1 > ClusterKeys.LastPort)
            problems.Add(section.NodeOf(ClusterKeys.DevicePort)!, "ports.devices: too high for all devices", Shown.Quoted($"{first}"), $"at most {ClusterKeys.LastPort - devices + 1} with {devices} devices");

        if (ports.Control is { } control && control == ports.Gateway)
            problems.Add(section.NodeOf(ClusterKeys.GatewayPort)!, "ports.gateway: the same as ports.control", Shown.Quoted($"{control}"), "different ports");

        foreach (var (port, name) in ((int?, string)[])[(ports.Control, "control"), (ports.Gateway, "gateway")])
        {
            if (port >= ports.FirstDevice && port < ports.FirstDevice + devices)
                problems.Add(section.NodeOf(ClusterKeys.DevicePort)!, $"ports.devices: takes ports.{name} ({port}) for a device", Shown.Quoted($"{ports.FirstDevice}"), "different ports");
        }
    }

    private static int? Port(SpecSection section, IntegerKey key) => section.TryGet(key, out var port) ? (int)port : null;
}

/// <summary>What reading gave: the definition, or every mistake.</summary>
/// <param name="Definition">Null exactly when there are problems.</param>
/// <param name="Problems">By line, then column.</param>
public sealed record ClusterReading(ClusterDefinition? Definition, IReadOnlyList<SpecProblem> Problems)
{
    [MemberNotNullWhen(true, nameof(Definition))]
    public bool IsValid => Definition is not null;
}
