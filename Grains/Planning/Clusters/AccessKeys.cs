using System.Net;
using System.Text.RegularExpressions;
using Orchestrator.Planning.Access;
using Orchestrator.Planning.Specs.Schema;
using Orchestrator.Planning.Specs.Yaml;

namespace Orchestrator.Planning.Clusters;

/// <summary>The keys of <c>http</c>, <c>tls</c>, <c>access</c> and <c>telemetry</c>: how a cluster is reached, and by whom.</summary>
internal static partial class AccessKeys
{
    private const int LowestPort = 1_024;
    private const int MaxListed = 1_000;

    public static IntegerKey HttpPort { get; } = new("port", "Of the first control silo; the other silos of this machine have the next ports. Default: free ones.", LowestPort, ClusterKeys.LastPort);

    public static TextKey HttpAddress { get; } = new("address", "Address to listen on. Default: 127.0.0.1. Beyond loopback it takes TLS and access tokens.");

    public static TextKey HttpTls { get; } = new("tls", "own: with the certificate of section tls; proxy: a proxy before it does TLS, and nobody else can reach the port. Default: own where section tls is given.") { Values = ["own", "proxy"] };

    public static SectionKey Http { get; } = new("http", "Health, metrics and the operators' dashboard of every silo.", HttpPort, HttpAddress, HttpTls);

    public static TextKey Certificate { get; } = new("certificate", "Of this machine, PEM, relative to this file's folder.") { Required = true };

    public static TextKey PrivateKey { get; } = new("key", "Its private key, PEM, relative to this file's folder.") { Required = true };

    public static TextKey Authority { get; } = new("authority", "The certificates of the authority that all of this cluster's come from, PEM, relative to this file's folder.") { Required = true };

    public static SectionKey Tls { get; } = new("tls", "Certificates: with them silos and clients of a cluster with a database show each other who they are, and HTTP is encrypted.", Certificate, PrivateKey, Authority);

    public static ListKey<string> Folders { get; } = new(new TextKey("folders", "Folders that specs may read text and dictionaries from, relative to this file's folder. Default: every one that silos can read."), MaxListed) { MayBeEmpty = true };

    public static ListKey<string> Plugins { get; } = new(
        new TextKey("plugins", "SHA-256 of the plugins that may be loaded, as `plugin ls` shows them. Default: every plugin of the plugins folder.") { Pattern = Sha256(), PatternText = "64 hexadecimal digits" }, MaxListed)
    { MayBeEmpty = true };

    public static SectionKey Access { get; } = new("access", "What specs may use.", Folders, Plugins);

    public static TextKey Collector { get; } = new("collector", "Where metrics and traces are sent by OTLP over HTTP, such as http://localhost:4318. Default: nowhere.");

    public static SectionKey Telemetry { get; } = new("telemetry", "Who is told of metrics and traces.", Collector);

    /// <summary>What the sections say; what is wrong stands among the problems.</summary>
    /// <param name="root">The whole file.</param>
    /// <param name="folder">What its paths are relative to.</param>
    /// <param name="problems">Gets what is wrong.</param>
    public static ClusterAccess Read(SpecSection root, string folder, SpecProblems problems)
    {
        var (http, tls, access) = (root.Get(Http), root.Get(Tls), root.Get(Access));
        var files = tls.Find(Certificate) is { } certificate && tls.Find(PrivateKey) is { } key && tls.Find(Authority) is { } authority
            ? new TlsFiles(Full(certificate), Full(key), Full(authority))
            : null;
        var address = IPAddress.Loopback;
        if (http.Find(HttpAddress) is { } text && !IPAddress.TryParse(text, out address))
            problems.Add(http.NodeOf(HttpAddress)!, "http.address: wrong value", Shown.Quoted(text), "an IP address such as 0.0.0.0");

        var mode = http.Find(HttpTls);
        if (mode == "own" && !root.Gives(Tls))
            problems.Add(http.NodeOf(HttpTls)!, "http.tls: there is no certificate", Shown.Quoted("own"), "a section tls beside it, or proxy");

        if (address is not null && !IPAddress.IsLoopback(address) && mode != "proxy" && !root.Gives(Tls))
            problems.Add(http.NodeOf(HttpAddress)!, "http.address: beyond loopback it takes TLS", Shown.Quoted(address.ToString()), "a section tls, or http.tls: proxy, which says that a proxy before it does TLS");

        Uri? collector = null;
        var telemetry = root.Get(Telemetry);
        if (telemetry.Find(Collector) is { } url && !(Uri.TryCreate(url, UriKind.Absolute, out collector) && collector.Scheme is "http" or "https"))
            problems.Add(telemetry.NodeOf(Collector)!, "telemetry.collector: wrong value", Shown.Quoted(url), "a URL such as http://localhost:4318");

        return new ClusterAccess
        {
            HttpAddress = address ?? IPAddress.Loopback,
            HttpPort = http.TryGet(HttpPort, out var port) ? (int)port : null,
            IsBehindProxy = mode == "proxy",
            Tls = files,
            Folders = access.TryGet(Folders, out var folders) ? new AllowedFolders([.. folders.Select(Full)]) : AllowedFolders.Any,
            Plugins = access.TryGet(Plugins, out var plugins) ? plugins.Select(hash => hash.ToLowerInvariant()).ToHashSet() : null,
            Collector = collector,
        };

        string Full(string path) => Path.GetFullPath(path, folder);
    }

    [GeneratedRegex(@"\A[0-9a-fA-F]{64}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Sha256();
}
