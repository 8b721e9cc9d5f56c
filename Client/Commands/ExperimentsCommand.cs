using System.CommandLine;
using System.Globalization;
using Orchestrator.Client.Cluster;
using Orchestrator.Client.Display;
using Orchestrator.Contracts.Experiments;

namespace Orchestrator.Client.Commands;

/// <summary><c>experiments</c>: the experiments of a store.</summary>
internal static class ExperimentsCommand
{
    public static Command Create(ClientContext context)
    {
        var (store, json) = (CommonOptions.Store(), CommonOptions.Json());
        var command = new Command("experiments", "List the experiments of the store, newest first.") { store, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var session = await ClusterSession.Attach(context, parsed.Layout(store), cancellationToken);
            var experiments = await ExperimentLookup.All(session.Grains, cancellationToken);
            if (parsed.GetValue(json))
            {
                context.Screen.WriteJson(experiments.Select(ExperimentJson.Line));
            }
            else
            {
                Write(context.Screen, experiments);
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static void Write(Screen screen, IReadOnlyList<ExperimentStatus> experiments)
    {
        if (experiments.Count == 0)
        {
            screen.Line("The store holds no experiment.");
            return;
        }

        var table = new TextTable("!id", "!state", ">stages", ">cached", "submitted", ">took");
        foreach (var e in experiments)
        {
            var done = e.Stages.Count(stage => stage.Phase is StagePhase.Completed or StagePhase.Cached);
            table.Add(
                e.Id.Value,
                e.Phase.ToString().ToLowerInvariant(),
                string.Create(CultureInfo.InvariantCulture, $"{done}/{e.Stages.Count}"),
                Numbers.Count(e.Stages.Count(stage => stage.Phase == StagePhase.Cached)),
                e.SubmittedAt.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture),
                e.EndedAt is { } end ? Numbers.Duration(end - e.SubmittedAt) : "–");
        }

        screen.Write(table);
    }
}
