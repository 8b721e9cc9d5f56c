using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestrator.Client.Cluster;
using Xunit;

namespace Orchestrator.Processes.Databases;

/// <summary>
/// A cluster with a database, of silos that nobody supervises, each as if on a host of its own; and what came of an
/// experiment on it.
/// </summary>
internal sealed partial class ScaledCluster : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private readonly PostgresServer _server;
    private readonly List<ClientProcess> _clients = [];
    private readonly List<ServiceSilo> _silos = [];

    private ScaledCluster(PostgresServer server, string database) => (_server, Database) = (server, database);

    public string Database { get; }

    public TemporaryStore Store { get; } = new();

    /// <summary>Every silo that was started, dead ones too.</summary>
    public IReadOnlyList<ServiceSilo> Silos => _silos;

    /// <summary>For a failed assertion.</summary>
    public string Transcript => string.Join(Environment.NewLine, [.. _silos.Select(silo => silo.Output), .. _clients.Select(client => client.Transcript)]);

    private string Folder => Path.GetDirectoryName(Store.Root)!;

    private static Dictionary<string, string> Secret => new() { [PostgresServer.PasswordVariable] = PostgresServer.Password };

    /// <summary>A new database with its schema, and a file that names it.</summary>
    public static async Task<ScaledCluster> Create(PostgresServer server)
    {
        var cluster = new ScaledCluster(server, await server.CreateDatabase());
        cluster.Store.Write("cluster.yaml", FileOf(server, cluster.Database));
        await cluster.Run("db", "init");
        return cluster;
    }

    /// <summary>A cluster's file.</summary>
    public static string FileOf(PostgresServer server, string database, string user = PostgresServer.User) => $"""
        version: 1
        store: store
        devices: [cpu]
        database:
          host: {server.Host}
          port: {server.Port}
          name: {database}
          user: {user}
          password_variable: {PostgresServer.PasswordVariable}
          tls: off

        """;

    /// <summary>Starts a control silo; not ready yet.</summary>
    /// <param name="host">Its host's name in the cluster.</param>
    /// <param name="place">See <see cref="ServiceSilo.Start"/>.</param>
    /// <param name="options">More of its command line.</param>
    public ServiceSilo StartControl(string host, IReadOnlyList<string>? place = null, params string[] options) =>
        Start("control", host, place ?? [], ["--gateway-port", Number(LoopbackPorts.Take(1)[0]), .. options]);

    /// <summary>Starts a GPU silo, which computes on the CPU; not ready yet.</summary>
    public ServiceSilo StartDevice(string host, IReadOnlyList<string>? place = null, params string[] options) =>
        Start("gpu", host, place ?? [], ["--device", "cpu", .. options]);

    /// <summary>Runs a verb in the folder of the cluster's file, which must succeed.</summary>
    public async Task<JsonElement> Run(params string[] arguments)
    {
        var client = Client(arguments);
        Assert.True(await client.WaitForExit() == 0, client.Transcript);
        return client.Json;
    }

    /// <summary>Starts a verb in the folder of the cluster's file.</summary>
    public ClientProcess Client(params string[] arguments)
    {
        var client = ClientProcess.StartIn(Folder, Secret, [.. arguments, "--json"]);
        _clients.Add(client);
        return client;
    }

    /// <summary>Waits until a stage of this kind has begun to write its second new checkpoint: the first one is then committed.</summary>
    public async Task UntilTrains(string stage, ClientProcess run)
    {
        var before = Store.Checkpoints(stage);
        var seen = new HashSet<string>();
        await Eventually.Be(
            () =>
            {
                seen.UnionWith(Store.Checkpoints(stage).Where(checkpoint => !before.Contains(checkpoint)));
                return seen.Count > 1 || run.HasExited;
            },
            Patience,
            () => Transcript);
        Assert.False(run.HasExited, Transcript);
    }

    /// <summary>
    /// Sees that a run ended as one whose processes were left alone: the same stages, the same bits, each stage completed once,
    /// and no two attempts under one lease.
    /// </summary>
    public async Task AssertCompletedLike(UndisturbedRun undisturbed, ClientProcess run)
    {
        Assert.True(await run.WaitForExit() == 0, Transcript);
        Assert.Equal("completed", run.Json.GetProperty("status").GetString());
        foreach (var (key, file) in undisturbed.Files(run.Json))
            Assert.Equal(undisturbed.Sha256(key, file), UndisturbedRun.Sha256(Store, key, file));

        foreach (var stage in Directory.EnumerateDirectories(Path.Combine(Store.Layout.Logs, "runs")))
            AssertLog(stage);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            await client.DisposeAsync();

        foreach (var silo in _silos)
            await silo.DisposeAsync();

        Store.Dispose();
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private ServiceSilo Start(string role, string host, IReadOnlyList<string> place, string[] options)
    {
        var silo = ServiceSilo.Start(
            $"{role} {host}", place, Secret,
            ["--role", role, "--cluster", Path.Combine(Folder, "cluster.yaml"), "--host", host, "--silo-port", Number(LoopbackPorts.Take(1)[0]), "--plugins", Repository.Plugins, .. options]);
        _silos.Add(silo);
        return silo;
    }

    /// <summary>What the grain of a run wrote, whichever silos it was on.</summary>
    private void AssertLog(string folder)
    {
        var messages = Directory.EnumerateFiles(folder).SelectMany(File.ReadLines).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("message").GetString()!).ToList();
        var epochs = messages.Select(message => Begins().Match(message)).Where(match => match.Success).Select(match => match.Groups[1].Value).ToList();
        Assert.True(epochs.Distinct().Count() == epochs.Count, $"{folder}: an attempt began twice under one lease. {string.Join(Environment.NewLine, messages)}");
        Assert.True(messages.Count(message => message.TrimEnd().EndsWith(": Completed", StringComparison.Ordinal)) == 1, $"{folder}: {string.Join(Environment.NewLine, messages)}");
    }

    [GeneratedRegex(@"attempt \d+ begins under lease (\d+) ")]
    private static partial Regex Begins();
}
