using System.CommandLine;
using System.Globalization;
using Orchestrator.Client.Cluster;
using Orchestrator.Client.Display;
using Orchestrator.Contracts.Experiments;

namespace Orchestrator.Client.Commands;

/// <summary><c>ls</c>: the experiments of a store, with what they do and what they may have.</summary>
internal static class ListCommand
{
    public static Command Create(ClientContext context)
    {
        var (store, json) = (CommonOptions.Store(), CommonOptions.Json());
        var command = new Command("ls", "List the experiments of the store, newest first.") { store, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var session = await ClusterSession.Attach(context, parsed.Layout(store), cancellationToken);
            var experiments = await ExperimentOverview.All(session.Grains, cancellationToken);
            if (parsed.GetValue(json))
            {
                context.Screen.WriteJson(experiments.Select(ExperimentJson.Line));
            }
            else
            {
                Write(context.Screen, experiments, context.Time.GetUtcNow());
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static void Write(Screen screen, IReadOnlyList<ExperimentOverview> experiments, DateTimeOffset now)
    {
        if (experiments.Count == 0)
        {
            screen.Line("The store holds no experiment.");
            return;
        }

        var table = new TextTable("!id", "!state", ">stages", ">cached", ">devices", ">priority", ">weight", "submitted", ">took");
        foreach (var e in experiments)
        {
            table.Add(
                e.Status.Id.Value,
                e.State,
                string.Create(CultureInfo.InvariantCulture, $"{e.StagesDone}/{e.Status.Stages.Count}"),
                Numbers.Count(e.Status.Stages.Count(stage => stage.Phase == StagePhase.Cached)),
                string.Create(CultureInfo.InvariantCulture, $"{e.Share.Devices}{(e.Share.MaxDevices is { } most ? $"/{most}" : "")}"),
                e.Share.Priority.ToString(CultureInfo.InvariantCulture),
                Numbers.Any(e.Share.Weight),
                e.Status.SubmittedAt.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture),
                Numbers.Duration((e.Status.EndedAt ?? now) - e.Status.SubmittedAt));
        }

        screen.Write(table);
    }
}
