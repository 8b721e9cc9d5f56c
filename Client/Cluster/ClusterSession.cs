using Orchestrator.Client.Commands;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Client.Cluster;

/// <summary>
/// A command's way to the grains of a store: through the cluster that serves the store already, or else through one that
/// this process starts and ends.
/// </summary>
public sealed class ClusterSession : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    private readonly ClusterConnection _connection;
    private readonly LogFile _log;

    private ClusterSession(LocalCluster? cluster, ClusterConnection connection, LogFile log, bool hasDatabase) =>
        (Cluster, _connection, _log, HasDatabase) = (cluster, connection, log, hasDatabase);

    /// <summary>Null where the cluster is another process'.</summary>
    public LocalCluster? Cluster { get; }

    /// <summary>Whether the cluster may span hosts; what of it runs on this one is then only a part.</summary>
    public bool HasDatabase { get; }

    public IGrainFactory Grains => _connection.Grains;

    /// <summary>For commands that compute: joins the store's lasting cluster, or starts one of this process' own, whose devices are started later.</summary>
    /// <exception cref="CommandFailure">It does not start, or another command has one.</exception>
    public static async Task<ClusterSession> Open(ClientContext context, StoreLayout layout, CancellationToken cancellationToken) =>
        await ThroughDatabase(context, layout, cancellationToken)
        ?? (ClusterFile.FindRunning(layout) is { IsLasting: true } running
            ? await Connect(context, layout, running, cancellationToken)
            : await Start(context, layout, cancellationToken));

    /// <summary>For commands that only ask: joins the cluster that serves the store, or starts a control silo.</summary>
    /// <exception cref="CommandFailure">There is no such store, or its cluster cannot be reached.</exception>
    public static async Task<ClusterSession> Attach(ClientContext context, StoreLayout layout, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(layout.Root))
        {
            throw CommandFailure.Usage($"There is no store at {layout.Root}. Name one with --store, or make one with run or up.");
        }

        return await ThroughDatabase(context, layout, cancellationToken)
            ?? (ClusterFile.FindRunning(layout) is { } running
                ? await Connect(context, layout, running, cancellationToken)
                : await Start(context, layout, cancellationToken));
    }

    /// <summary>For commands that mean work which goes on: joins the cluster that serves the store.</summary>
    /// <exception cref="CommandFailure">None does.</exception>
    public static async Task<ClusterSession> Join(ClientContext context, StoreLayout layout, CancellationToken cancellationToken) =>
        await ThroughDatabase(context, layout, cancellationToken)
        ?? await Connect(context, layout, ClusterFile.FindRunning(layout) ?? throw NoneUp(layout), cancellationToken);

    /// <summary>The same, but only a cluster that outlives the command: what is handed to it is worked on.</summary>
    /// <exception cref="CommandFailure">None does.</exception>
    public static async Task<ClusterSession> JoinLasting(ClientContext context, StoreLayout layout, CancellationToken cancellationToken) =>
        await ThroughDatabase(context, layout, cancellationToken)
        ?? ClusterFile.FindRunning(layout) switch
        {
            null => throw NoneUp(layout),
            { IsLasting: false } other => throw new CommandFailure(ExitCodes.Failed, $"The store {layout.Root} is served by one command's cluster (process {other.Client.Id}), which ends with it. When it has ended: {UpText(layout)}"),
            var running => await Connect(context, layout, running, cancellationToken),
        };

    /// <summary>Waits until a lasting cluster has started.</summary>
    /// <returns>Its file then; null where it ended meanwhile.</returns>
    public static async Task<ClusterFile?> UntilReady(StoreLayout layout, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (ClusterFile.FindRunning(layout) is { } file && time.GetElapsedTime(start) < StartPatience)
        {
            if (file.IsReady || !file.IsLasting)
            {
                return file;
            }

            await Task.Delay(Poll, time, cancellationToken);
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        if (Cluster is not null)
        {
            await Cluster.DisposeAsync();
        }

        _log.Dispose();
    }

    private static CommandFailure NoneUp(StoreLayout layout) =>
        new(ExitCodes.Failed, $"No cluster is up on the store {layout.Root}. Start one: {UpText(layout)}");

    private static string UpText(StoreLayout layout) => CommandLineText.WithArguments(["up", "--store", layout.Root]);

    private static async Task<ClusterSession> Start(ClientContext context, StoreLayout layout, CancellationToken cancellationToken)
    {
        var installation = SiloInstallation.Find(context.ProgramFolder);
        var cluster = await LocalCluster.Start(layout, installation, LocalClusterOptions.OneCommand, context.Time, context.Screen.Notice, cancellationToken);
        try
        {
            return await Connect(context, layout, cluster, cluster.ClusterId, cluster.GatewayPort, cancellationToken);
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    private static async Task<ClusterSession> Connect(ClientContext context, StoreLayout layout, ClusterFile running, CancellationToken cancellationToken)
    {
        var ready = await UntilReady(layout, context.Time, cancellationToken)
            ?? throw new CommandFailure(ExitCodes.Failed, $"The cluster on the store {layout.Root} (process {running.Client.Id}) did not start; see {layout.Logs}.");
        return await Connect(context, layout, cluster: null, ready.ClusterId, ready.GatewayPort, cancellationToken);
    }

    private static Task<ClusterSession> Connect(ClientContext context, StoreLayout layout, LocalCluster? cluster, string clusterId, int gatewayPort, CancellationToken cancellationToken) =>
        Connect(layout, cluster, hasDatabase: false, log => ClusterConnection.Open(clusterId, gatewayPort, log, context.Time, cancellationToken));

    /// <summary>Null where the cluster of the store has no database.</summary>
    private static async Task<ClusterSession?> ThroughDatabase(ClientContext context, StoreLayout layout, CancellationToken cancellationToken) =>
        ClusterDatabase.Of(layout) is { } definition
            ? await Connect(layout, cluster: null, hasDatabase: true, log => ClusterConnection.Open(definition, log, context.Time, cancellationToken))
            : null;

    private static async Task<ClusterSession> Connect(StoreLayout layout, LocalCluster? cluster, bool hasDatabase, Func<LogFile, Task<ClusterConnection>> open)
    {
        var log = new LogFile(Path.Combine(layout.Logs, "client.log"));
        try
        {
            return new ClusterSession(cluster, await open(log), log, hasDatabase);
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }
}
