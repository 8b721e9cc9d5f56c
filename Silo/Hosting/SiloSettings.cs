using System.Globalization;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Silo.Devices;
using Orchestrator.Silo.Http;

namespace Orchestrator.Silo.Hosting;

/// <summary>The silo's command line.</summary>
public sealed record SiloSettings
{
    private static readonly string[] Names =
        ["role", "store", "silo-port", "gateway-port", "primary-port", "device", "libtorch", "plugins", "cluster-id", "parent-pid", "http-address", "http-port", "http-tls", "tls-certificate", "tls-key", "tls-authority", "collector"];

    public required SiloRole Role { get; init; }

    /// <summary><c>--store DIR</c>, made absolute.</summary>
    public required StoreLayout Layout { get; init; }

    /// <summary>Where other silos reach this one, on loopback.</summary>
    public required int SiloPort { get; init; }

    /// <summary>Where clients reach a control silo, on loopback; 0: no gateway, as on GPU silos.</summary>
    public int GatewayPort { get; init; }

    /// <summary>The control silo's port; on a control silo its own.</summary>
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

    /// <summary>Health, metrics and the operators' dashboard.</summary>
    public HttpSettings Http { get; init; } = HttpSettings.None;

    /// <summary>The process to end with; null: a service manager's child, which ends on a signal.</summary>
    public int? ParentPid { get; init; }

    /// <summary>The silo's name, by which device grains find theirs.</summary>
    public string SiloName => Role == SiloRole.Control ? "control" : DeviceIdentity.SiloName(Device);

    /// <summary>Reads the command line.</summary>
    /// <exception cref="SiloSettingsException">Names every mistake.</exception>
    public static SiloSettings Parse(IReadOnlyList<string> args)
    {
        var errors = new List<string>();
        var values = Pairs(args, errors);
        var role = ReadRole(values, errors);
        var store = Required(values, "store", errors);
        var clusterId = Required(values, "cluster-id", errors);
        var siloPort = Number(values, "silo-port", 1, 65_535, null, errors);
        var gatewayPort = Number(values, "gateway-port", 0, 65_535, role == SiloRole.Gpu ? 0 : null, errors);
        var primaryPort = Number(values, "primary-port", 1, 65_535, role == SiloRole.Control ? siloPort : null, errors);
        var parent = values.ContainsKey("parent-pid") ? Number(values, "parent-pid", 1, int.MaxValue, null, errors) : (int?)null;
        if (role == SiloRole.Control && primaryPort != siloPort)
            errors.Add("--primary-port of a control silo is its own --silo-port");

        var http = HttpArguments.Read(values, errors);
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
            Http = http,
        };
        return settings with
        {
            Device = values.GetValueOrDefault("device", settings.Device),
            LibTorch = values.GetValueOrDefault("libtorch", settings.LibTorch!),
            Plugins = Path.GetFullPath(values.GetValueOrDefault("plugins", settings.Plugins)),
        };
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
