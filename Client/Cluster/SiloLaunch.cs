using System.Globalization;

namespace Orchestrator.Client.Cluster;

/// <summary>What a silo is started with; a restarted silo gets the same, its port too, so that it supersedes the dead one at once.</summary>
public sealed record SiloLaunch
{
    /// <summary><c>control</c> or <c>gpu-DEVICE</c>; also the log's name.</summary>
    public required string Name { get; init; }

    /// <summary><c>control</c> or <c>gpu</c>.</summary>
    public required string Role { get; init; }

    /// <summary>Absolute path of the store.</summary>
    public required string Store { get; init; }

    public required string ClusterId { get; init; }

    /// <summary>Absolute path of the cluster's file; null: there is none.</summary>
    public string? Definition { get; init; }

    /// <summary>This machine's name in a cluster with a database; null: a cluster on loopback, with a primary.</summary>
    public string? Host { get; init; }

    /// <summary>Of a control silo among those of this machine, from 1.</summary>
    public int Number { get; init; } = 1;

    /// <summary>Port for silos.</summary>
    public required int Port { get; init; }

    /// <summary>Loopback port of the control silo, which is the cluster's primary; on a control silo its own.</summary>
    public required int PrimaryPort { get; init; }

    /// <summary>Port for clients; control silo only.</summary>
    public int? GatewayPort { get; init; }

    /// <summary>Port for health and metrics; null: no HTTP.</summary>
    public int? HttpPort { get; init; }

    /// <summary><c>cpu</c> or <c>cuda:0</c>; GPU silo only.</summary>
    public string? Device { get; init; }

    /// <summary>Absolute path of the plugins.</summary>
    public required string Plugins { get; init; }

    /// <summary>The silo's command line.</summary>
    public IReadOnlyList<string> Arguments
    {
        get
        {
            List<string> arguments =
            [
                "--role", Role,
                "--store", Store,
                "--silo-port", Text(Port),
                "--plugins", Plugins,
                "--parent-pid", Text(Environment.ProcessId),
            ];
            arguments.AddRange(Host is null
                ? ["--cluster-id", ClusterId, "--primary-port", Text(PrimaryPort)]
                : ["--host", Host, "--number", Text(Number)]);
            if (Definition is not null)
            {
                arguments.AddRange(["--cluster", Definition]);
            }

            if (HttpPort is { } http)
            {
                arguments.AddRange(["--http-port", Text(http)]);
            }

            if (GatewayPort is { } gateway)
            {
                arguments.AddRange(["--gateway-port", Text(gateway)]);
            }

            if (Device is not null)
            {
                arguments.AddRange(["--device", Device]);
            }

            return arguments;
        }
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
