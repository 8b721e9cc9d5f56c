using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Orchestrator.Planning.Clusters;

namespace Orchestrator.Silo.Hosting;

/// <summary>
/// What a silo's command line leaves to the cluster's file (<c>--cluster FILE</c>), which is how a service manager starts it:
/// each option that is given goes before the file.
/// </summary>
internal static class ClusterArguments
{
    public static readonly string[] Names = ["cluster", "host", "number", "advertise", "listen"];

    /// <summary>Reads the file, and adds what it says to the values.</summary>
    /// <returns>Null where no file is named, or it has mistakes.</returns>
    public static ClusterDefinition? Read(Dictionary<string, string> values, List<string> errors)
    {
        if (!values.TryGetValue("cluster", out var path))
        {
            errors.AddRange(Names.Where(values.ContainsKey).Select(name => $"--{name} needs --cluster, a file with a database"));
            return null;
        }

        var reading = ClusterReader.ReadFile(path);
        if (reading.Definition is not { } cluster)
        {
            errors.AddRange(reading.Problems.Select(problem => problem.ToString()));
            return null;
        }

        if (cluster.Store is { } store)
            values.TryAdd("store", store);

        if (cluster.Database is not null && !values.TryAdd("cluster-id", DatabaseDefinition.ClusterId))
            errors.Add("--cluster-id cannot be given with a database, which holds one cluster");

        AddPorts(values, cluster, errors);
        return cluster;
    }

    /// <summary>The network's side of it.</summary>
    public static SiloNetwork Network(Dictionary<string, string> values, ClusterDefinition? cluster, List<string> errors)
    {
        if (cluster?.Database is null)
            return SiloNetwork.Loopback;

        var host = values.GetValueOrDefault("host") ?? cluster.Network.Host ?? ClusterNames.ThisHost;
        if (!ClusterNames.IsHost(host))
            errors.Add($"--host is '{host}'; it can be {ClusterNames.HostText}");

        var advertised = Address(values.GetValueOrDefault("advertise") ?? cluster.Network.Advertise, "advertise", IPAddress.Loopback, errors);
        var listen = values.GetValueOrDefault("listen") ?? cluster.Network.Listen;
        var network = new SiloNetwork(host, advertised, listen == "any" ? IPAddress.Any : Address(listen, "listen", advertised, errors));
        if (!(network.IsLoopback || cluster.Access.Tls is not null || cluster.Network.IsEncrypted))
            errors.Add($"a silo beyond loopback takes TLS: {cluster.File} needs a section tls, or network.encrypted: true");

        return network;
    }

    private static void AddPorts(Dictionary<string, string> values, ClusterDefinition cluster, List<string> errors)
    {
        var isControl = values.GetValueOrDefault("role") == "control";
        var device = values.GetValueOrDefault("device", "cpu");
        var index = isControl ? 0 : (cluster.Devices ?? ["cpu"]).ToList().IndexOf(device);
        if (index < 0 && values.TryAdd("silo-port", "1"))
            errors.Add($"{device} is none of the devices in {cluster.File}, whose order gives each its port: name it there, or give --silo-port");

        Add("silo-port", isControl ? cluster.Ports.Control : index < 0 ? null : cluster.Ports.FirstDevice + index);
        if (isControl)
            Add("gateway-port", cluster.Ports.Gateway);
        else if (cluster.Database is not null)
            Add("primary-port", 1); // there is none

        void Add(string name, int? port)
        {
            if (port is { } number)
                values.TryAdd(name, number.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static IPAddress Address(string? text, string name, IPAddress standard, List<string> errors)
    {
        if (text is null)
            return standard;

        if (IPAddress.TryParse(text, out var address))
            return address;

        try
        {
            var found = Dns.GetHostAddresses(text);
            return found.FirstOrDefault(candidate => candidate.AddressFamily == AddressFamily.InterNetwork) ?? found[0];
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            errors.Add($"{name} is '{text}', which is no address and no host's name that is known here: {e.Message}");
            return standard;
        }
    }
}

/// <summary>A silo in the network.</summary>
/// <param name="Host">The machine's name in the cluster; null: a cluster on one machine.</param>
/// <param name="Advertised">Where others reach it.</param>
/// <param name="Listen">Where it listens.</param>
public sealed record SiloNetwork(string? Host, IPAddress Advertised, IPAddress Listen)
{
    /// <summary>Whether nobody beyond this machine reaches it.</summary>
    public bool IsLoopback => IPAddress.IsLoopback(Advertised) && IPAddress.IsLoopback(Listen);

    /// <summary>On one machine.</summary>
    public static SiloNetwork Loopback { get; } = new(null, IPAddress.Loopback, IPAddress.Loopback);
}
