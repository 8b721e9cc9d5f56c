using System.Globalization;
using System.Net;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Clusters;

namespace Orchestrator.Client.Cluster;

/// <summary>
/// The silos of one store on this machine, as children of this process: the control silo, and a GPU silo for each device.
/// A GPU silo that dies is started again. Without the control silo there is no cluster: one command's ends with it, a
/// lasting one starts it again, and its devices after it. With a database there may be several control silos, and each
/// silo that dies is started again alone.
/// </summary>
public sealed partial class LocalCluster : IAsyncDisposable
{
    /// <summary>In the message of whoever finds the store taken; also how a supervisor's caller knows that it was not first.</summary>
    internal const string OccupiedText = "already runs a cluster on the store";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(45);

    private readonly StoreLayout _layout;
    private readonly SiloInstallation _installation;
    private readonly LocalClusterOptions _options;
    private readonly StoreLock _lock;
    private readonly TimeProvider _time;
    private readonly Action<string> _notify;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Supervised> _silos = [];
    private readonly Lock _gate = new();
    private bool _stopped;
    private bool _isReady;

    private LocalCluster(StoreLayout layout, SiloInstallation installation, LocalClusterOptions options, StoreLock storeLock, TimeProvider time, Action<string> notify)
    {
        (_layout, _installation, _options, _lock, _time, _notify) = (layout, installation, options, storeLock, time, notify);
        ClusterId = options.HasDatabase ? DatabaseDefinition.ClusterId : "local-" + Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)[..8];
        var ports = LoopbackPorts.Take(2);
        ControlPort = options.Ports.Control ?? ports[0];
        GatewayPort = options.Ports.Gateway ?? ports[1];
    }

    public string ClusterId { get; }

    /// <summary>Loopback port of the gateway.</summary>
    public int GatewayPort { get; }

    /// <summary>Completes, with a message for people, when the cluster cannot go on; never when it was stopped.</summary>
    public Task<string> Lost => _lost.Task;

    private int ControlPort { get; }

    /// <summary>Starts the control silo and waits until it serves.</summary>
    /// <param name="layout">The store; its folder is made where missing.</param>
    /// <param name="installation">What to start.</param>
    /// <param name="options">Whether it outlives the command, and where it listens.</param>
    /// <param name="time">The clock.</param>
    /// <param name="notify">Told, in a sentence for people, of what happens to silos; called from any thread.</param>
    /// <exception cref="CommandFailure">Another process runs a cluster on this store, a port is taken, or the silo does not start.</exception>
    public static async Task<LocalCluster> Start(StoreLayout layout, SiloInstallation installation, LocalClusterOptions options, TimeProvider time, Action<string> notify, CancellationToken cancellationToken)
    {
        var storeLock = StoreLock.TryTake(layout) ?? throw Occupied(layout);
        var cluster = new LocalCluster(layout, installation, options, storeLock, time, notify);
        try
        {
            await LeftoverSilos.End(layout, LeftoverSilos.ShortPatience, time, notify, cancellationToken);
            await cluster.StartControl(cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a GPU silo for each device and waits until all serve.</summary>
    /// <param name="devices"><c>cpu</c>, <c>cuda:0</c> …</param>
    /// <exception cref="CommandFailure">One does not start.</exception>
    public async Task StartDevices(IReadOnlyList<string> devices, CancellationToken cancellationToken)
    {
        int[] ports = _options.Ports.FirstDevice is { } first ? [.. Enumerable.Range(first, devices.Count)] : LoopbackPorts.Take(devices.Count);
        LoopbackPorts.RequireFree(ports);
        var silos = devices.Select((device, i) => Launch(
            $"gpu-{ClusterNames.Device(device, _options.Host).Replace(':', '-')}", "gpu", ports[i], HttpPort(_options.ControlSilos + i), device)).ToList();
        await Task.WhenAll(silos.Select(silo => silo.Process.WaitUntilReady(StartTimeout, _time, cancellationToken)));
        silos.ForEach(silo => silo.Watch = WatchAlone(silo));
    }

    /// <summary>Says in the cluster's file that all that was asked for serves.</summary>
    public void MarkReady()
    {
        lock (_gate)
        {
            _isReady = true;
            WriteFile();
        }
    }

    /// <summary>Ends all silos at once, for a user who will not wait.</summary>
    public void Kill()
    {
        foreach (var silo in MarkStopped())
        {
            silo.Process.Kill();
        }
    }

    /// <summary>Ends the silos in good order, devices first, and gives the store back.</summary>
    public async ValueTask DisposeAsync()
    {
        var silos = MarkStopped();
        var (control, devices) = (silos.Where(IsControl), silos.Where(silo => !IsControl(silo)));
        await Task.WhenAll(devices.Select(silo => silo.Process.Stop(StopGrace)));
        await Task.WhenAll(control.Select(silo => silo.Process.Stop(StopGrace)));
        foreach (var silo in silos)
        {
            await silo.Watch;
            await silo.Process.DisposeAsync();
            silo.Log.Dispose();
        }

        File.Delete(_layout.ClusterFile);
        _lock.Dispose();
        _stopping.Dispose();
    }

    private static bool IsControl(Supervised silo) => silo.Process.Launch.Role == "control";

    private static CommandFailure Occupied(StoreLayout layout)
    {
        var holder = ClusterFile.Read(layout.ClusterFile);
        var who = holder is null ? "Another process" : string.Create(CultureInfo.InvariantCulture, $"Process {holder.Client.Id}");
        return new CommandFailure(ExitCodes.Failed, $"{who} {OccupiedText} {layout.Root}. Wait for it, end it, or name another store with --store.");
    }

    private IReadOnlyList<Supervised> MarkStopped()
    {
        lock (_gate)
        {
            if (!_stopped)
            {
                _stopped = true;
                _stopping.Cancel();
            }

            return [.. _silos];
        }
    }

    private async Task StartControl(CancellationToken cancellationToken)
    {
        var numbers = Enumerable.Range(1, _options.ControlSilos).ToList();
        LoopbackPorts.RequireFree([.. numbers.SelectMany(number => new[] { ControlPort + number - 1, GatewayPort + number - 1 })]);
        var silos = numbers.ConvertAll(number => Launch(
            ClusterNames.Control(number, _options.Host), "control", ControlPort + number - 1, HttpPort(number - 1), device: null, number));
        await Task.WhenAll(silos.Select(silo => silo.Process.WaitUntilReady(StartTimeout, _time, cancellationToken)));
        silos.ForEach(silo => silo.Watch = _options.HasDatabase ? WatchAlone(silo) : WatchControl(silo));
    }

    /// <summary>Of the silo with this index among all of this machine; null: a cluster of one command, at which nobody looks.</summary>
    private int? HttpPort(int index) =>
        !_options.IsLasting ? null
        : _options.Definition?.Access.HttpPort is { } first ? first + index
        : LoopbackPorts.Take(1)[0];

    private Supervised Launch(string name, string role, int port, int? httpPort, string? device, int number = 1)
    {
        var launch = new SiloLaunch
        {
            Name = name,
            Role = role,
            Store = _layout.Root,
            ClusterId = ClusterId,
            Port = port,
            PrimaryPort = ControlPort,
            GatewayPort = device is null ? GatewayPort + number - 1 : null,
            HttpPort = httpPort,
            Device = device,
            Definition = _options.Definition?.File,
            Host = _options.Host,
            Number = number,
            Plugins = _installation.Plugins,
        };
        var log = new LogFile(Path.Combine(_layout.Logs, name + ".log"));
        var silo = new Supervised(log, SiloProcess.Start(_installation, launch, log));
        lock (_gate)
        {
            _silos.Add(silo);
            WriteFile();
        }

        return silo;
    }

    private void WriteFile() => new ClusterFile
    {
        ClusterId = ClusterId,
        Client = ProcessMark.Current,
        GatewayPort = GatewayPort,
        Definition = _options.Definition?.File,
        HttpScheme = _options.Definition?.Access is { Tls: not null, IsBehindProxy: false } ? "https" : "http",
        HttpAddress = (_options.Definition?.Access.HttpAddress ?? IPAddress.Loopback).ToString(),
        IsLasting = _options.IsLasting,
        IsReady = _isReady,
        Devices = [.. _silos.Select(silo => silo.Process.Launch.Device).OfType<string>()],
        Silos = [.. _silos.Select(silo => new SiloMark(silo.Process.Launch.Name, silo.Process.Launch.Port, silo.Process.Mark) { Problem = silo.Problem, HttpPort = silo.Process.Launch.HttpPort })],
    }.Write(_layout.ClusterFile);

    /// <summary>False where the cluster was stopped or the program cannot be started any more.</summary>
    private async Task<bool> Restart(Supervised silo)
    {
        var dead = silo.Process;
        lock (_gate)
        {
            if (_stopped)
            {
                return false;
            }

            try
            {
                silo.Process = SiloProcess.Start(_installation, dead.Launch, silo.Log);
            }
            catch (CommandFailure failure)
            {
                _lost.TrySetResult(failure.Message);
                return false;
            }

            WriteFile();
        }

        await dead.DisposeAsync();
        return true;
    }

    private sealed class Supervised(LogFile log, SiloProcess process)
    {
        public LogFile Log { get; } = log;

        public SiloProcess Process { get; set; } = process;

        public Task Watch { get; set; } = Task.CompletedTask;

        /// <summary>Why it is not started any more; null: it is.</summary>
        public string? Problem { get; set; }
    }
}
