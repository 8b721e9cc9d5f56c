using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Client.Cluster;

/// <summary>
/// A command's way to the grains of a store: through the cluster that serves the store already, or else through one that
/// this process starts and ends.
/// </summary>
public sealed class ClusterSession : IAsyncDisposable
{
    private readonly ClusterConnection _connection;
    private readonly LogFile _log;

    private ClusterSession(LocalCluster? cluster, ClusterConnection connection, LogFile log) =>
        (Cluster, _connection, _log) = (cluster, connection, log);

    /// <summary>Null where the cluster is another process'.</summary>
    public LocalCluster? Cluster { get; }

    public IGrainFactory Grains => _connection.Grains;

    /// <summary>Starts a cluster of this process' own; devices are started later.</summary>
    /// <exception cref="CommandFailure">It does not start, or the store has one.</exception>
    public static async Task<ClusterSession> Start(ClientContext context, StoreLayout layout, CancellationToken cancellationToken)
    {
        var installation = SiloInstallation.Find(context.ProgramFolder);
        var cluster = await LocalCluster.Start(layout, installation, context.Time, context.Screen.Notice, cancellationToken);
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

    /// <summary>For commands that only ask: joins the cluster that serves the store, or starts a control silo.</summary>
    /// <exception cref="CommandFailure">There is no such store, or its cluster cannot be reached.</exception>
    public static async Task<ClusterSession> Attach(ClientContext context, StoreLayout layout, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(layout.Root))
        {
            throw CommandFailure.Usage($"There is no store at {layout.Root}. Name one with --store, or make one with run.");
        }

        if (FindRunning(layout) is { } running)
        {
            return await Connect(context, layout, cluster: null, running.ClusterId, running.GatewayPort, cancellationToken);
        }

        return await Start(context, layout, cancellationToken);
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

    private static ClusterFile? FindRunning(StoreLayout layout)
    {
        var file = ClusterFile.Read(layout.ClusterFile);
        using var client = file?.Client.Find();
        return client is null ? null : file;
    }

    private static async Task<ClusterSession> Connect(ClientContext context, StoreLayout layout, LocalCluster? cluster, string clusterId, int gatewayPort, CancellationToken cancellationToken)
    {
        var log = new LogFile(Path.Combine(layout.Logs, "client.log"));
        try
        {
            var connection = await ClusterConnection.Open(clusterId, gatewayPort, log, context.Time, cancellationToken);
            return new ClusterSession(cluster, connection, log);
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }
}
