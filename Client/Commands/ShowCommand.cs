using System.CommandLine;
using System.Globalization;
using Orchestrator.Abstractions.Results;
using Orchestrator.Client.Cluster;
using Orchestrator.Client.Display;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Client.Commands;

/// <summary><c>show ID</c>: one experiment, stage by stage, and what it found.</summary>
internal static class ShowCommand
{
    public static Command Create(ClientContext context)
    {
        var id = new Argument<string>("ID") { Description = "An experiment, or the beginning of its id." };
        var (store, json) = (CommonOptions.Store(), CommonOptions.Json());
        var command = new Command("show", "Show one experiment: its stages and what it found.") { id, store, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var layout = parsed.Layout(store);
            await using var session = await ClusterSession.Attach(context, layout, cancellationToken);
            var experiment = await ExperimentLookup.One(session.Grains, parsed.GetRequiredValue(id), cancellationToken);
            if (parsed.GetValue(json))
            {
                context.Screen.WriteJson(ExperimentJson.Detail(experiment));
            }
            else
            {
                Write(context.Screen, layout, experiment);
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static void Write(Screen screen, StoreLayout layout, ExperimentStatus experiment)
    {
        screen.Heading($"{experiment.Id}: {experiment.Phase.ToString().ToLowerInvariant()}");
        var table = new TextTable("stage", "!artefact", "!state", ">attempts", "remark");
        foreach (var stage in experiment.Stages)
        {
            var remark = stage.Reason ?? (stage.Progress is { } progress ? ProgressLines.Describe(progress) : "");
            table.Add(stage.Label, stage.Key.Value, stage.Phase.ToString().ToLowerInvariant(), stage.Attempts.ToString(CultureInfo.InvariantCulture), remark);
        }

        screen.Write(table);
        if (experiment.SummaryPath is { } path && File.Exists(path))
        {
            SummaryView.Write(screen, ResultJson.Read<ExperimentSummary>(path), layout.Report(experiment.Id));
        }
    }
}
