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

    /// <summary>Loopback port for silos.</summary>
    public required int Port { get; init; }

    /// <summary>Loopback port of the control silo, which is the cluster's primary; on a control silo its own.</summary>
    public required int PrimaryPort { get; init; }

    /// <summary>Loopback port for clients; control silo only.</summary>
    public int? GatewayPort { get; init; }

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
                "--cluster-id", ClusterId,
                "--silo-port", Number(Port),
                "--primary-port", Number(PrimaryPort),
                "--plugins", Plugins,
                "--parent-pid", Number(Environment.ProcessId),
            ];
            if (GatewayPort is { } gateway)
            {
                arguments.AddRange(["--gateway-port", Number(gateway)]);
            }

            if (Device is not null)
            {
                arguments.AddRange(["--device", Device]);
            }

            return arguments;
        }
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
