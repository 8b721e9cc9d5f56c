using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Silo.Hosting;
using Orchestrator.Silo.Stages;
using Orleans.Configuration;

namespace Orchestrator.Bench.Scheduling;

/// <summary>
/// A control silo, GPU silos and a client, each with its own host and over real sockets, on a SQLite file and real folders;
/// in one process, so that one clock tells when what happened. Only what runs compute is left out.
/// </summary>
internal sealed class EmptyCluster : IAsyncDisposable
{
    private const string ClusterId = "bench";

    private readonly string _root = Directory.CreateTempSubdirectory("orchestrator-bench-").FullName;
    private readonly List<IHost> _hosts = [];

    private EmptyCluster(TimeProvider time) => Runner = new EmptyRunner(time);

    public EmptyRunner Runner { get; }

    public IGrainFactory Client => _hosts[^1].Services.GetRequiredService<IGrainFactory>();

    public static async Task<EmptyCluster> Start(int devices, TimeProvider time)
    {
        var cluster = new EmptyCluster(time);
        var (controlPort, gatewayPort) = (FreePort(), FreePort());
        var control = new SiloSettings
        {
            Role = SiloRole.Control,
            Layout = new StoreLayout(cluster._root),
            SiloPort = controlPort,
            GatewayPort = gatewayPort,
            PrimaryPort = controlPort,
            ClusterId = ClusterId,
        };
        await cluster.Add(SiloHost.Build(control, Silence));
        for (var i = 0; i < devices; i++)
        {
            var device = control with { Role = SiloRole.Gpu, SiloPort = FreePort(), GatewayPort = 0, Device = $"cpu:{i}" };
            await cluster.Add(SiloHost.Build(device, services =>
            {
                Silence(services);
                services.RemoveAll<IJobRunner>();
                services.AddSingleton<IJobRunner>(cluster.Runner);
            }));
        }

        var client = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        client.UseOrleansClient(orleans => orleans
            .UseStaticClustering(new IPEndPoint(IPAddress.Loopback, gatewayPort))
            .Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (ClusterId, SiloHost.ServiceId)));
        await cluster.Add(client.Build());
        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in Enumerable.Reverse(_hosts))
        {
            await host.StopAsync();
            host.Dispose();
        }

        Directory.Delete(_root, recursive: true);
    }

    /// <summary>Logs are written to the store as always; only the terminal is for figures.</summary>
    private static void Silence(IServiceCollection services) => services.Configure<LoggerFilterOptions>(filters =>
        filters.Rules.Add(new LoggerFilterRule(typeof(ConsoleLoggerProvider).FullName, null, LogLevel.None, null)));

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task Add(IHost host)
    {
        _hosts.Add(host);
        await host.StartAsync();
    }
}
