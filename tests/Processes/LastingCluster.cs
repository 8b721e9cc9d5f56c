using System.Text.Json;
using Orchestrator.Client.Cluster;
using Xunit;

namespace Orchestrator.Processes;

/// <summary>A store with a cluster that was started with <c>up</c>; whatever a test leaves of it is ended with the test.</summary>
/// <param name="program">The client; null: the one that was built.</param>
/// <param name="environment">Variables that every process of it gets.</param>
/// <param name="disk">A file system for the store, unmounted with the cluster; null: a folder of its own.</param>
public sealed class LastingCluster(string? program = null, IReadOnlyDictionary<string, string>? environment = null, SmallDisk? disk = null) : IAsyncDisposable
{
    private static readonly TimeSpan UntilTraining = TimeSpan.FromMinutes(3);
    private readonly List<ClientProcess> _clients = [];

    public TemporaryStore Store { get; } = new(disk is null ? null : Path.Combine(disk.Folder, "store"));

    /// <summary>Where the store is; null: on the disk of everybody.</summary>
    public SmallDisk? Disk => disk;

    /// <summary>The cluster's file as it is now.</summary>
    internal ClusterFile File => ClusterFile.Read(Store.Layout.ClusterFile) ?? throw new InvalidOperationException("There is no cluster file.");

    internal static bool IsAlive(ProcessMark mark)
    {
        using var process = mark.Find();
        return process is not null;
    }

    /// <summary>Starts it and waits until it is ready.</summary>
    internal async Task<ClusterFile> Up(params string[] options)
    {
        await Run(["up", .. options]);
        return File;
    }

    /// <summary>Runs a verb on the store, with <c>--json</c>, which must succeed.</summary>
    internal async Task<JsonElement> Run(params string[] arguments)
    {
        var client = await End(arguments);
        Assert.True(await client.WaitForExit() == 0, client.Transcript);
        return client.Json;
    }

    /// <summary>Runs a verb on the store to whatever end.</summary>
    internal async Task<ClientProcess> End(params string[] arguments)
    {
        var client = Start(arguments);
        await client.WaitForExit();
        return client;
    }

    internal ClientProcess Start(params string[] arguments)
    {
        var client = ClientProcess.Start(program ?? Repository.Client, environment ?? new Dictionary<string, string>(), [.. arguments, "--store", Store.Root, "--json"]);
        _clients.Add(client);
        return client;
    }

    /// <summary>Waits until a stage of this kind has begun to write its second new checkpoint: the first one is then committed.</summary>
    /// <param name="stage">Its prefix: <c>model</c>.</param>
    /// <param name="run">The command that asked for it.</param>
    internal Task UntilTrains(string stage, ClientProcess run) => Store.UntilTrains(stage, run, UntilTraining, () => run.Transcript);

    /// <summary>Waits until the store's newest experiment is in a state.</summary>
    internal async Task<JsonElement> UntilExperimentIs(string state) => (await Eventually.Answer(
        () => Run("ls"),
        all => all.GetArrayLength() > 0 && all[0].GetProperty("status").GetString() == state,
        UntilTraining,
        all => $"The experiment is not {state}: {all}"))[0];

    /// <summary>The mark of a silo as it is now.</summary>
    internal SiloMark Silo(string name) => File.Silos.Single(silo => silo.Name == name);

    /// <summary>Every process of it at once.</summary>
    internal void KillAll()
    {
        var file = File;
        foreach (var process in (ProcessMark[])[file.Client, .. file.Silos.Select(silo => silo.Process)])
        {
            Signals.Send("KILL", process.Id);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (ClusterFile.FindRunning(Store.Layout) is not null)
        {
            await using var down = await ClientProcess.Run("down", "--store", Store.Root);
        }

        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        Store.Dispose();
        disk?.Dispose();
    }
}
