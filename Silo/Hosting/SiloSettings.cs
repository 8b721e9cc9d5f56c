using System.Globalization;
using Orchestrator.Database;
using Orchestrator.Planning.Access;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Clusters;
using Orchestrator.Silo.Devices;
using Orchestrator.Silo.Http;

namespace Orchestrator.Silo.Hosting;

/// <summary>The silo's command line.</summary>
public sealed record SiloSettings
{
    private static readonly string[] Names =
        ["role", "store", "silo-port", "gateway-port", "primary-port", "device", "libtorch", "plugins", "cluster-id", "parent-pid", .. ClusterArguments.Names, .. HttpArguments.Names];

    public required SiloRole Role { get; init; }

    /// <summary><c>--store DIR</c>, made absolute.</summary>
    public required StoreLayout Layout { get; init; }

    /// <summary>Where other silos reach this one.</summary>
    public required int SiloPort { get; init; }

    /// <summary>Where clients reach a control silo; 0: no gateway, as on GPU silos.</summary>
    public int GatewayPort { get; init; }

    /// <summary>The control silo's port; on a control silo its own. Not used with a database.</summary>
    public required int PrimaryPort { get; init; }

    /// <summary><c>cpu</c> or <c>cuda:0</c>; GPU silos only.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>
    /// The folder of an installed PyTorch's libraries (<c>site-packages/torch/lib</c>); GPU silos only. Null: the package's. Default:
    /// <see cref="Numerics.Runtime.LibTorch.FolderVariable"/>.
    /// </summary>
    public string? LibTorch { get; init; } = Environment.GetEnvironmentVariable(Numerics.Runtime.LibTorch.FolderVariable);

    /// <summary>The folder of plugins, one folder each; a control silo only reads their manifests. Default: <c>plugins</c> beside the program.</summary>
    public string Plugins { get; init; } = Path.Combine(AppContext.BaseDirectory, "plugins");

    /// <summary>Silos and clients of other clusters are refused.</summary>
    public required string ClusterId { get; init; }

    /// <summary>The machine's certificate, for other silos, clients and HTTP; null: none.</summary>
    public ClusterCertificate? Certificate { get; init; }

    /// <summary>What specs may use.</summary>
    public ClusterAccess Access { get; init; } = ClusterAccess.Open;

    /// <summary>Health, metrics and the operators' dashboard.</summary>
    public HttpSettings Http { get; init; } = HttpSettings.None;

    /// <summary>The process to end with; null: a service manager's child, which ends on a signal.</summary>
    public int? ParentPid { get; init; }

    /// <summary>Where the cluster's state and its list of silos are; null: in the store, and with the control silo.</summary>
    public DatabaseDefinition? Database { get; init; }

    /// <summary>Addresses, and the machine's name in the cluster.</summary>
    public SiloNetwork Network { get; init; } = SiloNetwork.Loopback;

    /// <summary>The first control silo of a machine is 1; only with a database there are more.</summary>
    public int ControlNumber { get; init; } = 1;

    /// <summary>The device among those of all machines: <c>cuda:0</c>, with a database <c>cuda:0@node1</c>.</summary>
    public string DeviceName => ClusterNames.Device(Device, Network.Host);

    /// <summary>The silo's name, by which device grains find theirs.</summary>
    public string SiloName => Role == SiloRole.Control ? ClusterNames.Control(ControlNumber, Network.Host) : DeviceIdentity.SiloName(DeviceName);

    /// <summary>The connection string of a silo of this role.</summary>
    /// <exception cref="DatabaseException">The password is not where it should be.</exception>
    internal string DatabaseString(DatabaseDefinition database) => DatabaseConnection.StringFor(
        database, $"orchestrator {SiloName}", Role == SiloRole.Control ? DatabaseConnection.ConnectionsOfControlSilo : DatabaseConnection.ConnectionsOfOthers);

    /// <summary>Reads the command line.</summary>
    /// <exception cref="SiloSettingsException">Names every mistake.</exception>
    public static SiloSettings Parse(IReadOnlyList<string> args)
    {
        var errors = new List<string>();
        var values = Pairs(args, errors);
        var role = ReadRole(values, errors);
        var cluster = ClusterArguments.Read(values, errors);
        var network = ClusterArguments.Network(values, cluster, errors);
        var store = Required(values, "store", errors);
        var clusterId = Required(values, "cluster-id", errors);
        var siloPort = Number(values, "silo-port", 1, 65_535, null, errors);
        var gatewayPort = Number(values, "gateway-port", 0, 65_535, role == SiloRole.Gpu ? 0 : null, errors);
        var primaryPort = Number(values, "primary-port", 1, 65_535, role == SiloRole.Control ? siloPort : null, errors);
        var parent = values.ContainsKey("parent-pid") ? Number(values, "parent-pid", 1, int.MaxValue, null, errors) : (int?)null;
        var number = Number(values, "number", 1, 99, 1, errors);
        if (role == SiloRole.Control && primaryPort != siloPort)
            errors.Add("--primary-port of a control silo is its own --silo-port");

        var http = HttpArguments.Read(values, cluster, errors);
        if (errors.Count > 0)
            throw new SiloSettingsException(errors);

        var settings = new SiloSettings
        {
            Role = role,
            Layout = new StoreLayout(Path.GetFullPath(store)),
            SiloPort = siloPort,
            GatewayPort = gatewayPort,
            PrimaryPort = primaryPort,
            ClusterId = clusterId,
            ParentPid = parent,
            Database = cluster?.Database,
            Network = network,
            ControlNumber = number,
            Http = http,
            Certificate = LoadCertificate(cluster),
            Access = cluster?.Access ?? ClusterAccess.Open,
        };
        return settings with
        {
            Device = values.GetValueOrDefault("device", settings.Device),
            LibTorch = values.GetValueOrDefault("libtorch", settings.LibTorch!),
            Plugins = Path.GetFullPath(values.GetValueOrDefault("plugins", settings.Plugins)),
        };
    }

    private static ClusterCertificate? LoadCertificate(ClusterDefinition? cluster)
    {
        try
        {
            return cluster?.Access.Tls is { } files ? ClusterCertificate.Load(files) : null;
        }
        catch (InvalidDataException exception)
        {
            throw new SiloSettingsException([exception.Message]);
        }
    }

    private static Dictionary<string, string> Pairs(IReadOnlyList<string> args, List<string> errors)
    {
        var values = new Dictionary<string, string>();
        for (var i = 0; i < args.Count; i += 2)
        {
            var name = args[i].StartsWith("--", StringComparison.Ordinal) ? args[i][2..] : "";
            if (!Names.Contains(name))
                errors.Add($"'{args[i]}' is none of {string.Join(", ", Names.Select(known => $"--{known}"))}");
            else if (i + 1 == args.Count)
                errors.Add($"--{name} has no value");
            else if (!values.TryAdd(name, args[i + 1]))
                errors.Add($"--{name} is given twice");
        }

        return values;
    }

    private static SiloRole ReadRole(Dictionary<string, string> values, List<string> errors)
    {
        switch (Required(values, "role", errors))
        {
            case "control":
                return SiloRole.Control;
            case "gpu":
                return SiloRole.Gpu;
            case "":
                return default;
            case var other:
                errors.Add($"--role is '{other}'; it can be control or gpu");
                return default;
        }
    }

    private static string Required(Dictionary<string, string> values, string name, List<string> errors)
    {
        if (values.TryGetValue(name, out var value) && value.Length > 0)
            return value;

        errors.Add($"--{name} is missing");
        return "";
    }

    internal static int Number(
        Dictionary<string, string> values, string name, int least, int most, int? standard, List<string> errors)
    {
        if (!values.TryGetValue(name, out var text) && standard is { } number)
            return number;

        if (text is null)
            errors.Add($"--{name} is missing");
        else if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least && number <= most)
            return number;
        else
            errors.Add($"--{name} is '{text}'; it can be a number from {least} to {most}");

        return 0;
    }
}
