using System.Collections.Concurrent;
using Orchestrator.Client.Cluster;

namespace Orchestrator.Processes.History;

/// <summary>Several clients on one cluster while its processes are killed and stopped, its disk is filled, and analyses misbehave.</summary>
/// <param name="cluster">Up.</param>
/// <param name="random">Of clients and faults.</param>
/// <param name="tell">What happens, in a line each.</param>
/// <param name="hostile">Whether the plugin of evil deeds is there.</param>
internal sealed class Soak(LastingCluster cluster, Random random, Action<string> tell, bool hostile)
{
    private const int Specs = 6;
    private const int Writers = 3;

    private static readonly TimeSpan UntilQuiet = TimeSpan.FromMinutes(10);
    private static readonly string[] Deeds = ["none", "throw", "abort", "device-memory", "files"];

    private readonly ConcurrentQueue<Operation> _history = [];
    private readonly List<(string Id, string Spec)> _experiments = [];
    private readonly long _clock = TimeProvider.System.GetTimestamp();
    private readonly Lock _lock = new();

    /// <summary>Everything that was done and seen.</summary>
    public IReadOnlyCollection<Operation> History => _history;

    /// <summary>Runs for a time, ends the faults, and waits until all that was asked for has ended.</summary>
    /// <returns>What was violated; empty: nothing.</returns>
    public async Task<IReadOnlyList<string>> Run(TimeSpan duration, TimeSpan betweenFaults, bool withAll)
    {
        for (var i = 0; i < Specs; i++)
            _experiments.Add(await Plan(i));

        using var over = new CancellationTokenSource(duration);
        var clients = Enumerable.Range(0, Writers).Select(number => Task.Run(() => Act(number, over.Token)))
            .Append(Task.Run(() => Watch(Writers, client => client.Look(), over.Token)))
            .Append(Task.Run(() => Watch(Writers + 1, client => client.LookAtPool(), over.Token)))
            .ToList();
        await Disturb(betweenFaults, withAll, over.Token);
        await Task.WhenAll(clients);
        return [.. await Settle(), .. HistoryChecker.Check(_history)];
    }

    /// <summary>A spec and the id that it has, by planning alone.</summary>
    private async Task<(string Id, string Spec)> Plan(int number)
    {
        var analyses = hostile ? $"analyses:\n  - kind: hostile\n    deed: {Deeds[number % Deeds.Length]}\n" : "analyses:\n";
        var path = cluster.Store.SpecOf(
            "120_000", [128 + (8 * number), 256], ("experiment: smoke", $"experiment: soak-{number}"), ("analyses:\n", analyses), ("version: 1\n", "version: 1\nretry: { lost_attempts: 1000 }\n"));
        var planned = await cluster.Run("submit", path);
        var id = planned.GetProperty("id").GetString()!;
        _history.Enqueue(new Operation(-1, OperationKind.Submit, id, TimeProvider.System.GetElapsedTime(_clock), TimeProvider.System.GetElapsedTime(_clock), OperationOutcome.Acknowledged));
        return (id, path);
    }

    private async Task Act(int number, CancellationToken over)
    {
        var client = new HistoryClient(number, cluster, _history, _clock);
        while (!over.IsCancellationRequested)
        {
            var (id, spec) = _experiments[Next(_experiments.Count)];
            await (Next(6) switch
            {
                0 or 1 => client.Do(OperationKind.Submit, id, "submit", spec),
                2 => client.Do(OperationKind.Cancel, id, "cancel", id),
                3 => client.Do(OperationKind.Pause, id, "pause", id),
                4 => client.Do(OperationKind.Resume, id, "resume", id),
                _ => client.Do(OperationKind.Retry, id, "retry", id, "--failed"),
            });
            await Pause(TimeSpan.FromMilliseconds(500 + Next(1_500)), over);
        }
    }

    private async Task Watch(int number, Func<HistoryClient, Task> look, CancellationToken over)
    {
        var client = new HistoryClient(number, cluster, _history, _clock);
        while (!over.IsCancellationRequested)
        {
            await look(client);
            await Pause(TimeSpan.FromMilliseconds(300), over);
        }

        await client.Leave();
    }

    private async Task Disturb(TimeSpan between, bool withAll, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            await Pause(between * (0.5 + (Next(1_000) / 1_000.0)), over);
            if (!over.IsCancellationRequested)
                await Fault(withAll ? Next(10) : Next(7));
        }
    }

    private async Task Fault(int which)
    {
        if (ClusterFile.FindRunning(cluster.Store.Layout) is not { } file)
            return;

        var (control, gpu) = (Find(file, "control"), Find(file, "gpu-cpu"));
        switch (which)
        {
            case <= 3 when gpu is not null:
                tell("kill of the GPU silo");
                Signals.Send("KILL", gpu.Process.Id);
                break;
            case 4 or 5 when control is not null:
                tell("kill of the control silo");
                Signals.Send("KILL", control.Process.Id);
                break;
            case 6 or 7 when gpu is not null:
                tell("stop of the GPU silo for 18 s");
                Signals.Send("STOP", gpu.Process.Id);
                await Task.Delay(TimeSpan.FromSeconds(18));
                Signals.Send("CONT", gpu.Process.Id);
                break;
            case 8:
                await FillDisk();
                break;
            case 9:
                tell("kill of everything, and up again");
                cluster.KillAll();
                await Up();
                break;
        }
    }

    private static SiloMark? Find(ClusterFile file, string name) => file.Silos.FirstOrDefault(silo => silo.Name == name);

    /// <summary>Only where the store is on a file system of its own.</summary>
    private async Task FillDisk()
    {
        if (cluster.Disk is not { } disk)
            return;

        tell("full disk for 15 s");
        disk.Fill();
        await Task.Delay(TimeSpan.FromSeconds(15));
        disk.Empty();
    }

    private async Task Up()
    {
        for (var tries = 0; ; tries++)
        {
            var up = await cluster.End("up");
            if (await up.WaitForExit() == 0 || tries == 5)
                return;

            tell("up failed, and is tried again: " + up.Errors.Trim());
        }
    }

    /// <summary>Without faults everything that was asked for ends; what is paused is let go on.</summary>
    private async Task<IReadOnlyList<string>> Settle()
    {
        await Up();
        var client = new HistoryClient(Writers + 2, cluster, _history, _clock);
        foreach (var (id, _) in _experiments)
            await client.Do(OperationKind.Resume, id, "resume", id);

        var start = TimeProvider.System.GetTimestamp();
        Operation? last = null;
        while (TimeProvider.System.GetElapsedTime(start) < UntilQuiet)
        {
            await client.Look();
            last = _history.Last(operation => operation.Client == Writers + 2 && operation.Kind == OperationKind.Status);
            if (last.Outcome == OperationOutcome.Acknowledged && last.Seen.Values.All(seen => seen.HasEnded))
            {
                await client.Leave();
                return [];
            }

            await Task.Delay(TimeSpan.FromSeconds(1));
        }

        await client.Leave();
        var open = last?.Seen.Where(seen => !seen.Value.HasEnded).Select(seen => seen.Key) ?? [];
        return [$"Not ended {UntilQuiet.TotalMinutes:0} minutes after the last fault: {string.Join(", ", open)}."];
    }

    private int Next(int below)
    {
        lock (_lock)
            return random.Next(below);
    }

    private static async Task Pause(TimeSpan time, CancellationToken over) =>
        await Task.Delay(time, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
