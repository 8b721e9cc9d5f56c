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
    private readonly List<ServiceSilo> _replaced = [];

    private ScaledCluster(PostgresServer server, string database) => (_server, Database) = (server, database);

    public string Database { get; }

    public TemporaryStore Store { get; } = new();

    /// <summary>The sweep of these tests.</summary>
    public string Spec => Store.ShortSpec(128, 192, 256);

    /// <summary>Every silo that was started, dead ones too, but for those that <see cref="KeepUp"/> replaced.</summary>
    public IReadOnlyList<ServiceSilo> Silos => _silos;

    /// <summary>For a failed assertion.</summary>
    public string Transcript => string.Join(Environment.NewLine, [.. _replaced.Concat(_silos).Select(silo => silo.Output), .. _clients.Select(client => client.Transcript)]);

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
        network:
          encrypted: true
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

    /// <summary>Starts silos that end again and again, as a service manager does, until it is told to stop.</summary>
    /// <returns>How many it started.</returns>
    public async Task<int> KeepUp(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            for (var i = 0; i < _silos.Count; i++)
            {
                if (_silos[i].HasExited)
                {
                    _replaced.Add(_silos[i]);
                    _silos[i] = _silos[i].Again();
                }
            }

            await Task.Delay(TimeSpan.FromSeconds(2), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return _replaced.Count;
    }

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
    public Task UntilTrains(string stage, ClientProcess run) => Store.UntilTrains(stage, run, Patience, () => Transcript);

    /// <summary>
    /// Sees that a run ended as one whose processes were left alone: the same stages, the same bits, each stage completed once,
    /// no two attempts under one lease, no checkpoint twice.
    /// </summary>
    public async Task AssertCompletedLike(UndisturbedRun undisturbed, ClientProcess run)
    {
        Assert.True(await run.WaitForExit() == 0, Transcript);
        Assert.Equal("completed", run.Json.GetProperty("status").GetString());
        undisturbed.RequireSameBits(run.Json, Store);
        foreach (var stage in Directory.EnumerateDirectories(Path.Combine(Store.Layout.Logs, "runs")))
            AssertLog(stage);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            await client.DisposeAsync();

        foreach (var silo in _replaced.Concat(_silos))
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
        var steps = messages.Select(message => Checkpoint().Match(message)).Where(match => match.Success).Select(match => match.Groups[1].Value).ToList();
        Assert.True(steps.Distinct().Count() == steps.Count, $"{folder}: a checkpoint was committed twice. {string.Join(Environment.NewLine, messages)}");

        // A silo that is killed takes its last lines with it.
        Assert.True(messages.Count(message => message.TrimEnd().EndsWith(": Completed", StringComparison.Ordinal)) <= 1, $"{folder}: {string.Join(Environment.NewLine, messages)}");
    }

    [GeneratedRegex(@"attempt \d+ begins under lease (\d+) ")]
    private static partial Regex Begins();

    [GeneratedRegex(@": checkpoint at step (\d+)$")]
    private static partial Regex Checkpoint();
}
