using System.CommandLine;
using System.Globalization;
using Orchestrator.Client.Cluster;
using Orchestrator.Client.Display;
using Orchestrator.Contracts.Scheduling;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Client.Commands;

/// <summary><c>down</c>: ends the lasting cluster of a store in good order.</summary>
internal static class DownCommand
{
    /// <summary>Devices, then the control silo: each has its grace, and is killed after it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private static readonly TimeSpan AskPatience = TimeSpan.FromSeconds(5);

    public static Command Create(ClientContext context)
    {
        var (cluster, store, json) = (ClusterSettings.Option(), CommonOptions.Store(), CommonOptions.Json());
        var command = new Command("down", "End the cluster that up started: what runs makes a checkpoint first, and goes on with the next up.") { cluster, store, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var definition = ClusterSettings.Read(parsed.GetValue(cluster));
            var layout = ClusterSettings.Layout(parsed, store, definition);
            var ended = await End(context, layout, cancellationToken);
            if (parsed.GetValue(json))
            {
                context.Screen.WriteJson(new { Store = layout.Root, ended.WasUp, ended.Leftovers, ended.Interrupted });
            }
            else
            {
                Show(context.Screen, layout, ended);
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<Ended> End(ClientContext context, StoreLayout layout, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(layout.Root))
        {
            throw CommandFailure.Usage($"There is no store at {layout.Root}. Name one with --store.");
        }

        var running = ClusterFile.FindRunning(layout);
        if (running is { IsLasting: false })
        {
            throw new CommandFailure(ExitCodes.Failed, $"The store {layout.Root} is served by one command's cluster (process {running.Client.Id}), which ends with it: interrupt that command.");
        }

        IReadOnlyList<string> computing = [];
        if (running is not null)
        {
            computing = await Computing(context, layout, cancellationToken);
            context.Screen.Notice(computing.Count == 0 ? "Ending the cluster." : "Ending the cluster; what runs makes a checkpoint first.");
            await EndSupervisor(context, running, cancellationToken);
        }

        using var held = StoreLock.TryTake(layout);
        var leftovers = held is null ? 0 : await LeftoverSilos.End(layout, LeftoverSilos.LongPatience, context.Time, context.Screen.Notice, cancellationToken);
        return new Ended(running is not null, leftovers, computing);
    }

    private static async Task EndSupervisor(ClientContext context, ClusterFile running, CancellationToken cancellationToken)
    {
        using var supervisor = running.Client.Find();
        if (supervisor is null)
        {
            return;
        }

        if (!ProcessSignals.AskToEnd(supervisor.Id))
        {
            using var gone = running.Client.Find();
            if (gone is not null)
            {
                throw new CommandFailure(ExitCodes.Failed, $"Process {supervisor.Id}, which keeps the cluster up, cannot be ended: it is another user's.");
            }
        }

        var exited = supervisor.WaitForExitAsync(cancellationToken);
        if (await Task.WhenAny(exited, Task.Delay(Patience, context.Time, cancellationToken)) != exited)
        {
            cancellationToken.ThrowIfCancellationRequested();
            context.Screen.Notice($"The cluster did not end within {Patience.TotalSeconds:0} s; its processes are killed.");
            supervisor.Kill(entireProcessTree: true);
        }

        await exited;
    }

    /// <summary>What is on a device now; nothing where the cluster does not answer: it is ended all the same.</summary>
    private static async Task<IReadOnlyList<string>> Computing(ClientContext context, StoreLayout layout, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AskPatience);
        try
        {
            await using var session = await ClusterSession.Join(context, layout, limit.Token);
            var status = await session.Grains.GetGrain<ISchedulerGrain>(ISchedulerGrain.DefaultPool).GetStatus(limit.Token).WaitAsync(limit.Token);
            return [.. status.Leases.Where(lease => lease.Job is not null).SelectMany(lease => lease.Job!.Stages).Select(stage => stage.Key.Value)];
        }
        catch (Exception ex) when (ex is CommandFailure or OrleansException or TimeoutException || (ex is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return [];
        }
    }

    private static void Show(Screen screen, StoreLayout layout, Ended ended)
    {
        if (!ended.WasUp)
        {
            screen.Line(ended.Leftovers == 0
                ? $"No cluster is up on the store {layout.Root}."
                : string.Create(CultureInfo.InvariantCulture, $"The supervisor of the cluster on {layout.Root} was gone already; {ended.Leftovers} silos that it left have ended."));
            return;
        }

        screen.Line($"The cluster on {layout.Root} has ended.");
        foreach (var stage in ended.Interrupted)
        {
            screen.Line($"{stage} was being computed; it goes on from its last checkpoint with the next up.");
        }
    }

    /// <summary>What was ended.</summary>
    /// <param name="WasUp">Whether its supervisor was there.</param>
    /// <param name="Leftovers">Silos that outlived their supervisor.</param>
    /// <param name="Interrupted">Stages that were on a device.</param>
    private sealed record Ended(bool WasUp, int Leftovers, IReadOnlyList<string> Interrupted);
}
