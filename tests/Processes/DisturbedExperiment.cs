using Orchestrator.Client.Cluster;
using Xunit;

namespace Orchestrator.Processes;

/// <summary>
/// An experiment whose client is killed, then interrupted, and whose GPU silo is then killed twice, always in mid-training. Each
/// test looks at one consequence.
/// </summary>
public sealed class DisturbedExperiment : IAsyncLifetime
{
    private static readonly TimeSpan UntilTraining = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan UntilSilosEnd = TimeSpan.FromMinutes(1);
    private readonly TemporaryStore _store = new();
    private readonly List<ClientProcess> _clients = [];

    public TemporaryStore Store => _store;

    /// <summary>Silos that were still there a minute after their client was killed.</summary>
    internal IReadOnlyList<SiloMark> SurvivorsOfClient { get; private set; } = null!;

    /// <summary>Ended by Ctrl-C.</summary>
    internal ClientProcess Interrupted { get; private set; } = null!;

    /// <summary>Silos that were still there when the interrupted client had ended.</summary>
    internal IReadOnlyList<SiloMark> SurvivorsOfInterrupt { get; private set; } = null!;

    /// <summary>Started while <see cref="Interrupted"/> was running.</summary>
    internal ClientProcess Second { get; private set; } = null!;

    /// <summary>The store's experiments, asked for while <see cref="Interrupted"/> was running.</summary>
    internal ClientProcess Asked { get; private set; } = null!;

    /// <summary>The run that lost its GPU silo while it trained the model, and again while it trained dictionaries.</summary>
    internal ClientProcess Last { get; private set; } = null!;

    internal string Spec { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Spec = _store.ShortSpec(128, 192, 256);
        SurvivorsOfClient = await KillClient();
        await InterruptClient();
        Last = Start();
        await KillGpuSilo("model", Last);
        await KillGpuSilo("dictionary", Last);
        await Last.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        _store.Dispose();
    }

    private static bool IsAlive(SiloMark silo)
    {
        using var process = silo.Process.Find();
        return process is not null;
    }

    private static SiloMark Gpu(ClusterFile cluster) => cluster.Silos.Single(silo => silo.Name.StartsWith("gpu-", StringComparison.Ordinal));

    private ClientProcess Start() => Keep(ClientProcess.Start("run", Spec, "--store", _store.Root, "--json"));

    private ClientProcess Keep(ClientProcess client)
    {
        _clients.Add(client);
        return client;
    }

    private async Task<IReadOnlyList<SiloMark>> KillClient()
    {
        var checkpoints = _store.Checkpoints("model");
        var run = Start();
        var cluster = await Training("model", checkpoints, run);
        run.Signal("KILL");
        try
        {
            await Eventually.Be(() => !cluster.Silos.Any(IsAlive), UntilSilosEnd, () => run.Transcript);
        }
        catch (TimeoutException)
        {
            // The survivors are the test's to complain about.
        }

        return [.. cluster.Silos.Where(IsAlive)];
    }

    private async Task InterruptClient()
    {
        var checkpoints = _store.Checkpoints("model");
        Interrupted = Start();
        var cluster = await Training("model", checkpoints, Interrupted);
        var gpu = Gpu(cluster).Process.Id;

        // However fast the machine: training must not end while two other commands run.
        Signals.Send("STOP", gpu);
        Second = Keep(await ClientProcess.Run("run", Spec, "--store", _store.Root));
        Asked = Keep(await ClientProcess.Run("ls", "--store", _store.Root, "--json"));
        Signals.Send("CONT", gpu);
        Interrupted.Signal("INT");
        await Interrupted.WaitForExit();
        SurvivorsOfInterrupt = [.. cluster.Silos.Where(IsAlive)];
    }

    private async Task KillGpuSilo(string stage, ClientProcess run)
    {
        var cluster = await Training(stage, _store.Checkpoints(stage), run);
        Signals.Send("KILL", Gpu(cluster).Process.Id);
    }

    /// <summary>
    /// Waits until a stage of this kind has begun to write its second new checkpoint: the first one is then committed.
    /// </summary>
    private async Task<ClusterFile> Training(string stage, IReadOnlySet<string> before, ClientProcess run)
    {
        var seen = new HashSet<string>();
        bool IsTraining()
        {
            seen.UnionWith(_store.Checkpoints(stage).Where(checkpoint => !before.Contains(checkpoint)));
            return seen.Count > 1;
        }

        await Eventually.Be(() => run.HasExited || IsTraining(), UntilTraining, () => run.Transcript);
        Assert.False(run.HasExited, run.Transcript);
        return await Eventually.Get(() => ClusterFile.Read(_store.Layout.ClusterFile), UntilTraining, () => run.Transcript);
    }
}
