using System.Net;
using Orchestrator.Planning.Access;
using Orchestrator.Silo.Hosting;

namespace Orchestrator.Silo.Http;

/// <summary>The part of the command line that is about HTTP and certificates.</summary>
internal static class HttpArguments
{
    private static readonly string[] TlsNames = ["tls-certificate", "tls-key", "tls-authority"];

    /// <summary>Reads it; what is wrong stands among the errors.</summary>
    public static HttpSettings Read(Dictionary<string, string> values, List<string> errors)
    {
        var port = SiloSettings.Number(values, "http-port", 0, 65_535, 0, errors);
        var address = IPAddress.Loopback;
        if (values.TryGetValue("http-address", out var text) && !IPAddress.TryParse(text, out address!))
            errors.Add($"--http-address is '{text}'; it can be an IP address");

        var behindProxy = values.TryGetValue("http-tls", out var tls) && tls == "proxy";
        if (tls is not null and not "own" and not "proxy")
            errors.Add($"--http-tls is '{tls}'; it can be own (the silo's certificate) or proxy (a proxy before it does TLS)");

        var files = ReadFiles(values, errors);
        if (tls == "own" && files is null)
            errors.Add($"--http-tls own needs {string.Join(", ", TlsNames.Select(name => $"--{name}"))}");

        Uri? collector = null;
        if (values.TryGetValue("collector", out var url) && !(Uri.TryCreate(url, UriKind.Absolute, out collector) && collector.Scheme is "http" or "https"))
            errors.Add($"--collector is '{url}'; it can be a URL such as http://localhost:4318");

        var settings = new HttpSettings(address ?? IPAddress.Loopback, port) { Tls = behindProxy ? null : files, IsBehindProxy = behindProxy, Collector = collector };
        if (settings.IsExposed)
            errors.Add($"--http-address {address} is beyond loopback: it needs TLS ({string.Join(", ", TlsNames.Select(name => $"--{name}"))}), or --http-tls proxy, which says that a proxy before it does TLS");

        return settings;
    }

    private static TlsFiles? ReadFiles(Dictionary<string, string> values, List<string> errors)
    {
        var given = TlsNames.Where(values.ContainsKey).ToList();
        if (given.Count == 0)
            return null;

        if (given.Count < TlsNames.Length)
        {
            errors.Add($"{string.Join(", ", TlsNames.Except(given).Select(name => $"--{name}"))} is missing: the three belong together");
            return null;
        }

        return new TlsFiles(values["tls-certificate"], values["tls-key"], values["tls-authority"]);
    }
}
