using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Database;
using Orchestrator.Planning.Access;
using Orchestrator.Planning.Clusters;
using Orleans.Configuration;
using Orleans.Connections.Security;

namespace Orchestrator.Client.Cluster;

/// <summary>This process as an Orleans client of a cluster.</summary>
public sealed class ClusterConnection : IAsyncDisposable
{
    /// <summary>The service id of every cluster; state in a store is kept under it.</summary>
    public const string ServiceId = "orchestrator";

    private const int MaxTries = 20;
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(500);

    /// <summary>A control silo that comes again is used after this long at the latest.</summary>
    private static readonly TimeSpan GatewayRefresh = TimeSpan.FromSeconds(10);

    private readonly IHost _host;

    private ClusterConnection(IHost host) => _host = host;

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    /// <summary>Connects to the one gateway of a cluster on this machine, trying for ten seconds.</summary>
    /// <param name="clusterId">As the silos have it: with another one every try fails.</param>
    /// <param name="gatewayPort">Loopback port of the gateway.</param>
    /// <param name="log">Gets warnings and errors of the client.</param>
    /// <exception cref="CommandFailure">No gateway answers.</exception>
    public static Task<ClusterConnection> Open(string clusterId, int gatewayPort, LogFile log, TimeProvider time, CancellationToken cancellationToken) =>
        Open(
            client => client.UseStaticClustering(new IPEndPoint(IPAddress.Loopback, gatewayPort)),
            clusterId, $"The cluster's gateway at port {gatewayPort} does not answer", log, time, cancellationToken);

    /// <summary>Connects to whichever control silos the database of a cluster names, and goes on with the others when one is gone.</summary>
    /// <param name="definition">With a database.</param>
    /// <param name="log">Gets warnings and errors of the client.</param>
    /// <exception cref="CommandFailure">The database or this machine's certificate cannot be used, or no gateway answers.</exception>
    public static async Task<ClusterConnection> Open(ClusterDefinition definition, LogFile log, TimeProvider time, CancellationToken cancellationToken)
    {
        var database = definition.Database!;
        try
        {
            var certificate = definition.Access.Tls is { } files ? ClusterCertificate.Load(files) : null;
            await DatabaseSchema.Require(database, cancellationToken);
            var connection = DatabaseConnection.StringFor(database, "orchestrator client", DatabaseConnection.ConnectionsOfOthers);
            return await Open(
                client =>
                {
                    client.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = (DatabaseConnection.Invariant, connection))
                        .Configure<GatewayOptions>(options => options.GatewayListRefreshPeriod = GatewayRefresh);
                    if (certificate is not null)
                    {
                        UseTls(client, certificate);
                    }
                },
                DatabaseDefinition.ClusterId, $"No control silo that the {database} names answers", log, time, cancellationToken);
        }
        catch (Exception e) when (e is DatabaseException or InvalidDataException)
        {
            throw new CommandFailure(ExitCodes.Failed, e.Message, e);
        }
    }

    private static void UseTls(IClientBuilder client, ClusterCertificate certificate) => client.UseTls(certificate.Own, tls =>
    {
        tls.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        tls.RemoteCertificateValidation = (peer, _, _) => certificate.IsOurs(peer);
        tls.OnAuthenticateAsClient = (_, authentication) => authentication.TargetHost = ClusterCertificate.PeerName;
    });

    private static async Task<ClusterConnection> Open(
        Action<IClientBuilder> find, string clusterId, string silence, LogFile log, TimeProvider time, CancellationToken cancellationToken)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddProvider(new LogFileProvider(log, time));
        builder.UseOrleansClient(client =>
        {
            find(client);
            client.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (clusterId, ServiceId))
                .UseConnectionRetryFilter(new BoundedRetries(log, time).Retry)
                .AddOutgoingGrainCallFilter(new CallRetries(log, time));
        });
        var host = builder.Build();
        try
        {
            await host.StartAsync(cancellationToken);
            return new ClusterConnection(host);
        }
        catch (Exception ex) when (ex is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            await Dispose(host);
            throw new CommandFailure(ExitCodes.Failed, $"{silence}: {ex.Message} More in {log.Path}.", ex);
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await _host.StopAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // The silo is gone: there is nobody to say goodbye to.
        }

        await Dispose(_host);
    }

    private static async Task Dispose(IHost host)
    {
        if (host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
        else
        {
            host.Dispose();
        }
    }

    private sealed class BoundedRetries(LogFile log, TimeProvider time)
    {
        private int _tries;

        public async Task<bool> Retry(Exception exception, CancellationToken cancellationToken)
        {
            _tries++;
            log.Append($"warn: connection try {_tries} of {MaxTries} failed: {exception.Message}");
            if (_tries >= MaxTries)
            {
                return false;
            }

            await Task.Delay(BetweenTries, time, cancellationToken);
            return true;
        }
    }
}
