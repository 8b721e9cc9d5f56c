using System.Collections.Concurrent;
using Orchestrator.Abstractions;
using Orchestrator.Client.Cluster;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Contracts.Runs;
using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Processes.History;

/// <summary>A client that does one thing after the other and writes down what came of it.</summary>
internal sealed class HistoryClient(int number, LastingCluster cluster, ConcurrentQueue<Operation> history, long clock)
{
    /// <summary>A call without an answer for so long has an unknown outcome.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private ClusterConnection? _connection;
    private string? _clusterId;

    /// <summary>A command that changes something: done by the program as a user has it.</summary>
    public async Task Do(OperationKind kind, string experiment, params string[] command)
    {
        var began = Now;
        OperationOutcome outcome;
        try
        {
            var (code, _, _) = await InProcess.RunToEnd([.. command, "--store", cluster.Store.Root, "--json"]).WaitAsync(Patience);
            outcome = code == 0 ? OperationOutcome.Acknowledged : code == 2 ? OperationOutcome.Refused : OperationOutcome.Unknown;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            outcome = OperationOutcome.Unknown; // a cluster that goes away in the middle
        }

        history.Enqueue(new Operation(number, kind, experiment, began, Now, outcome));
    }

    /// <summary>Reads every experiment and the epochs of its runs.</summary>
    public Task Look() => Read(OperationKind.Status, async (grains, token) =>
    {
        var ids = await grains.GetGrain<IExperimentIndexGrain>(IExperimentIndexGrain.Key).List(token);
        var shares = (await grains.GetGrain<ISchedulerGrain>(ISchedulerGrain.DefaultPool).GetShares(token)).ToDictionary(share => share.Experiment);
        var seen = new Dictionary<string, SeenExperiment>();
        foreach (var id in ids)
        {
            if (await grains.GetGrain<IExperimentGrain>(id.Value).GetStatus(token) is not { } status)
                continue;

            var runs = new Dictionary<string, SeenRun>();
            foreach (var stage in status.Stages.Where(stage => stage.Phase != StagePhase.Blocked))
                runs[stage.Key.Value] = await RunOf(grains, stage.Key, token);

            var paused = shares.TryGetValue(id, out var share) && share.Paused;
            seen[id.Value] = new SeenExperiment(status.Phase.ToString().ToLowerInvariant(), paused, status.CancelRequested, runs);
        }

        return operation => operation with { Seen = seen };
    });

    /// <summary>Reads devices and leases.</summary>
    public Task LookAtPool() => Read(OperationKind.Pool, async (grains, token) =>
    {
        var status = await grains.GetGrain<ISchedulerGrain>(ISchedulerGrain.DefaultPool).GetStatus(token);
        var leases = status.Leases.Select(lease => new SeenLease(lease.Device.Name, lease.Epoch, [.. lease.Job?.Stages.Select(stage => stage.Key.Value) ?? []])).ToList();
        return operation => operation with { Leases = leases };
    });

    public async Task Leave()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();

        _connection = null;
    }

    private TimeSpan Now => TimeProvider.System.GetElapsedTime(clock);

    private static async Task<SeenRun> RunOf(IGrainFactory grains, StageKey key, CancellationToken token)
    {
        var run = await grains.StageRun(key).GetStatus(token);
        return new SeenRun(run.Epoch, run.Attempts, run.Outcome?.End.ToString().ToLowerInvariant());
    }

    private async Task Read(OperationKind kind, Func<IGrainFactory, CancellationToken, Task<Func<Operation, Operation>>> read)
    {
        var began = Now;
        try
        {
            using var limit = new CancellationTokenSource(Patience);
            var found = await read(await Grains(limit.Token), limit.Token).WaitAsync(limit.Token);
            history.Enqueue(found(new Operation(number, kind, null, began, Now, OperationOutcome.Acknowledged)));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            history.Enqueue(new Operation(number, kind, null, began, Now, OperationOutcome.Unknown));
            await Leave();
        }
    }

    /// <summary>Of the cluster that is up now.</summary>
    private async Task<IGrainFactory> Grains(CancellationToken token)
    {
        var file = ClusterFile.FindRunning(cluster.Store.Layout) ?? throw new InvalidOperationException("No cluster is up.");
        if (_connection is null || _clusterId != file.ClusterId)
        {
            await Leave();
            var log = new LogFile(Path.Combine(cluster.Store.Layout.Logs, $"history-{number}.log"));
            _connection = await ClusterConnection.Open(file.ClusterId, file.GatewayPort, log, TimeProvider.System, token);
            _clusterId = file.ClusterId;
        }

        return _connection.Grains;
    }
}
