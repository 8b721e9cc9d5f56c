using System.CommandLine;
using System.Globalization;
using Orchestrator.Abstractions.Results;
using Orchestrator.Client.Cluster;
using Orchestrator.Client.Display;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Contracts.Scheduling;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Client.Commands;

/// <summary><c>show ID</c>: one experiment, run by run, and what it found.</summary>
internal static class ShowCommand
{
    public static Command Create(ClientContext context)
    {
        var id = ExperimentLookup.Argument();
        var (store, json) = (CommonOptions.Store(), CommonOptions.Json());
        var command = new Command("show", "Show one experiment: its runs and what it found.") { id, store, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var layout = parsed.Layout(store);
            await using var session = await ClusterSession.Attach(context, layout, cancellationToken);
            var experiment = await ExperimentOverview.One(session.Grains, parsed.GetRequiredValue(id), cancellationToken);
            var waits = await Waiting.Of(session.Grains, experiment.Status, cancellationToken);
            if (parsed.GetValue(json))
            {
                context.Screen.WriteJson(ExperimentJson.Detail(experiment, waits));
            }
            else
            {
                Write(context.Screen, layout, experiment, waits);
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static void Write(Screen screen, StoreLayout layout, ExperimentOverview experiment, IReadOnlyList<WaitExplanation> waits)
    {
        var (status, share) = (experiment.Status, experiment.Share);
        screen.Heading(string.Create(CultureInfo.InvariantCulture, $"{status.Id}: {experiment.State}, {experiment.StagesDone} of {status.Stages.Count} stages; priority {share.Priority}, weight {share.Weight}, {share.Devices} devices{(share.MaxDevices is { } most ? $" of at most {most}" : "")}"));
        var table = new TextTable("stage", "!run", "!state", ">attempts", "remark");
        foreach (var stage in status.Stages)
        {
            table.Add(stage.Label, stage.Key.Value, PhaseNames.Of(stage.Phase), stage.Attempts.ToString(CultureInfo.InvariantCulture), Remark(stage, waits));
        }

        screen.Write(table);
        foreach (var stage in status.Stages.Where(stage => stage.Evidence is not null))
        {
            EvidenceView.Write(screen, stage);
        }

        if (status.SummaryPath is { } path && File.Exists(path))
        {
            SummaryView.Write(screen, ResultJson.Read<ExperimentSummary>(path), layout.Report(status.Id));
        }
    }

    private static string Remark(StageStatus stage, IReadOnlyList<WaitExplanation> waits) =>
        stage.Phase == StagePhase.Queued && waits.FirstOrDefault(wait => wait.Stages.Contains(stage.Key)) is { } wait ? wait.Text
        : stage.Reason ?? (stage.Progress is { } progress ? ProgressLines.Describe(progress) : "");
}
