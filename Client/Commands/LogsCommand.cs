using System.CommandLine;
using System.Globalization;
using Orchestrator.Abstractions;
using Orchestrator.Client.Cluster;
using Orchestrator.Client.Logs;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Contracts.Features;
using Orchestrator.Contracts.Runs;
using Orchestrator.Planning.Logs;

namespace Orchestrator.Client.Commands;

/// <summary><c>logs ID</c>: what was logged of an experiment or a run, across all restarts.</summary>
internal static class LogsCommand
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(300);

    public static Command Create(ClientContext context)
    {
        var id = ExperimentLookup.ArgumentOrRun();
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on until the experiment or the run has ended, or until Ctrl-C." };
        var (store, json) = (CommonOptions.Store(), CommonOptions.Json());
        var command = new Command("logs", "Show what was logged of an experiment or a run; with --json a JSON object a line.") { id, follow, store, json };
        command.SetAction(async (parsed, _) =>
        {
            var layout = parsed.Layout(store);
            using var interruption = new Interruption(() => { });
            await using var session = await ClusterSession.Attach(context, layout, interruption.Asked);
            var (experiments, run) = await ExperimentLookup.OneOrRun(session.Grains, parsed.GetRequiredValue(id), interruption.Asked);
            var labels = experiments.SelectMany(experiment => experiment.Stages).DistinctBy(stage => stage.Key).ToDictionary(stage => stage.Key.Value, stage => stage.Label);
            var logs = run is { } stage
                ? RunLogs.Of(layout, stage)
                : RunLogs.Of(layout, experiments[0].Id, experiments[0].Stages.Select(stage => stage.Key));
            Action<LogLine> write = parsed.GetValue(json) ? line => context.Screen.Line(line.ToJson()) : line => context.Screen.Line(Describe(line, labels));
            if (parsed.GetValue(follow))
            {
                return await Follow(context, logs, write, () => HasEnded(session.Grains, experiments[0].Id, run), interruption.Asked);
            }

            Write(logs, write);
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<int> Follow(ClientContext context, RunLogs logs, Action<LogLine> write, Func<Task<bool>> hasEnded, CancellationToken signal)
    {
        while (!signal.IsCancellationRequested)
        {
            // Asked first: what was written before the end is then read after it.
            var ended = await hasEnded();
            if (ended)
            {
                await Task.Delay(Poll, context.Time, signal).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // silos write a moment later
            }

            Write(logs, write);
            if (ended)
            {
                return ExitCodes.Done;
            }

            await Task.Delay(Poll, context.Time, signal).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return ExitCodes.Interrupted;
    }

    private static void Write(RunLogs logs, Action<LogLine> write)
    {
        foreach (var line in logs.ReadNew())
        {
            write(line);
        }
    }

    /// <summary>False while nobody answers: the logs are files, and go on when a silo does.</summary>
    private static async Task<bool> HasEnded(IGrainFactory grains, ExperimentId experiment, StageKey? run)
    {
        try
        {
            return run is { } stage
                ? (await grains.StageRun(stage).GetStatus(CancellationToken.None)).Outcome is not null
                : await grains.GetGrain<IExperimentGrain>(experiment.Value).GetStatus(CancellationToken.None) is { Phase: not ExperimentPhase.Running };
        }
        catch (Exception ex) when (ex is OrleansException or TimeoutException)
        {
            return false;
        }
    }

    private static string Describe(LogLine line, IReadOnlyDictionary<string, string> labels)
    {
        var at = line.At.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
        var run = line.Run is { } key && labels.TryGetValue(key, out var label) ? $" [{label}]" : "";
        var text = $"{at} {line.Level} {line.Silo}{run} {VisibleText.Line(line.Message)}";
        return line.Exception is null ? text : $"{text}{Environment.NewLine}{string.Join(Environment.NewLine, line.Exception.ReplaceLineEndings("\n").Split('\n').Select(part => "    " + VisibleText.Line(part)))}";
    }
}
