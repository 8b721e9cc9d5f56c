using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orchestrator.Abstractions;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Contracts.Runs;
using Orchestrator.Grains.Experiments;
using Orchestrator.Grains.Scheduling;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Silo.Hosting;
using Orchestrator.Silo.Http;
using Xunit;

namespace Orchestrator.Cluster;

/// <summary>
/// A control silo and its GPU silos in this process, over real sockets and a real database: built by the silo's own
/// host, because Orleans' test cluster swaps the transport and the grain directory.
/// </summary>
public sealed class House : IAsyncLifetime
{
    private readonly string _root = Directory.CreateTempSubdirectory("orchestrator-").FullName;
    private readonly string _clusterId = Guid.NewGuid().ToString("N");
    private readonly List<FakeDevice> _devices = [];
    private IHost? _control;
    private int _controlPort;

    /// <summary>Whether the control silo answers over HTTP.</summary>
    public bool HasHttp { get; init; }

    public Uri HttpAddress { get; } = new($"http://127.0.0.1:{FreePort()}/");

    public StoreLayout Layout => new(_root);

    public ArtefactStore Store => new(Layout, TimeProvider.System);

    public RecordingReporter Reporter { get; } = new();

    public IGrainFactory Grains => _control!.Services.GetRequiredService<IGrainFactory>();

    public async ValueTask InitializeAsync() => await StartControl();

    public async ValueTask DisposeAsync()
    {
        foreach (var device in _devices)
            await device.Stop();

        await StopControl();
        Directory.Delete(_root, recursive: true);
    }

    public async Task StartControl()
    {
        _controlPort = FreePort();
        _control = SiloHost.Build(
            new SiloSettings
            {
                Role = SiloRole.Control,
                Layout = Layout,
                SiloPort = _controlPort,
                GatewayPort = FreePort(),
                PrimaryPort = _controlPort,
                ClusterId = _clusterId,
                Http = HasHttp ? new HttpSettings(IPAddress.Loopback, HttpAddress.Port) : HttpSettings.None,
            },
            services =>
            {
                services.AddSingleton<IExperimentReporter>(Reporter);
                services.Configure<SchedulingOptions>(Hasten);
                services.Configure<ExperimentOptions>(options => options.Reconcile = TimeSpan.FromMilliseconds(100));
            });
        await _control.StartAsync();
    }

    public async Task StopControl()
    {
        await _control!.StopAsync();
        _control.Dispose();
    }

    /// <summary>Starts a GPU silo whose stages are computed by a script.</summary>
    public async Task<FakeDevice> AddDevice(string name, Action<FakeJob> script)
    {
        var device = new FakeDevice(script);
        await device.Start(
            new SiloSettings
            {
                Role = SiloRole.Gpu,
                Layout = Layout,
                SiloPort = FreePort(),
                PrimaryPort = _controlPort,
                ClusterId = _clusterId,
                Device = name,
            },
            Hasten);
        _devices.Add(device);
        return device;
    }

    public IExperimentGrain Experiment(string id) => Grains.GetGrain<IExperimentGrain>(id);

    /// <summary>Waits until an experiment has ended.</summary>
    public async Task<ExperimentStatus> End(string id)
    {
        ExperimentStatus? status = null;
        await Eventually(async () =>
        {
            status = await Experiment(id).GetStatus(CancellationToken.None);
            return status is { Phase: not ExperimentPhase.Running };
        });
        return status!;
    }

    public Task<RunStatus> Run(StageKey stage) => Grains.StageRun(stage).GetStatus(CancellationToken.None);

    /// <summary>Asks again and again until the answer is yes; fails after a minute.</summary>
    public static async Task Eventually(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await condition())
            await timer.WaitForNextTickAsync(limit.Token);
    }

    private static void Hasten(SchedulingOptions options)
    {
        options.LeaseTtl = TimeSpan.FromSeconds(3);
        options.Heartbeat = TimeSpan.FromMilliseconds(300);
        options.Tick = TimeSpan.FromMilliseconds(100);
        options.MinimumRun = TimeSpan.FromMilliseconds(300);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
