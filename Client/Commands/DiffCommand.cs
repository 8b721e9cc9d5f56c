using System.CommandLine;
using System.Globalization;
using Orchestrator.Client.Cluster;
using Orchestrator.Client.Display;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Plans;

namespace Orchestrator.Client.Commands;

/// <summary><c>diff SPEC</c>: what submitting a spec would change of what was last submitted under its name.</summary>
internal static class DiffCommand
{
    public static Command Create(ClientContext context)
    {
        var spec = CommonOptions.Spec();
        var (store, json) = (CommonOptions.Store(), CommonOptions.Json());
        var command = new Command("diff", "Compare a spec with what was last submitted under its name; changes nothing.") { spec, store, json };
        command.SetAction((parsed, cancellationToken) => Run(context, parsed.GetRequiredValue(spec), parsed.Layout(store), parsed.GetValue(json), cancellationToken));
        return command;
    }

    private static async Task<int> Run(ClientContext context, string spec, StoreLayout layout, bool json, CancellationToken cancellationToken)
    {
        if (PlannedSpec.Read(context, spec, layout, cancellationToken) is not { } plan)
        {
            return ExitCodes.BadUsage;
        }

        await using var session = await ClusterSession.Attach(context, layout, cancellationToken);
        var last = (await ExperimentLookup.All(session.Grains, cancellationToken)).FirstOrDefault(experiment => experiment.Name == plan.Name);
        var difference = Difference.Of(plan, last, new ArtefactStore(layout, context.Time));
        if (json)
        {
            context.Screen.WriteJson(new
            {
                Id = plan.Id.Value,
                Against = last?.Id.Value,
                Added = difference.Added.Select(stage => new { Key = stage.Stage.Key.Value, stage.Stage.Label, stage.Cached }),
                Removed = difference.Removed.Select(stage => new { Key = stage.Key.Value, stage.Label, Status = stage.Phase }),
                Kept = difference.Kept,
            });
        }
        else
        {
            Write(context.Screen, plan, last, difference);
        }

        return ExitCodes.Done;
    }

    private static void Write(Screen screen, ExperimentPlan plan, ExperimentStatus? last, Difference difference)
    {
        screen.Heading(string.Create(CultureInfo.InvariantCulture, $"{plan.Id} against {last?.Id.Value ?? "nothing: no experiment of this name was submitted"}: {difference.Added.Count} stages added, {difference.Removed.Count} removed, {difference.Kept} as they were"));
        if (difference.Added.Count + difference.Removed.Count == 0)
        {
            return;
        }

        var table = new TextTable("!", "stage", "!run", "!state");
        foreach (var stage in difference.Added)
        {
            table.Add("+", stage.Stage.Label, stage.Stage.Key.Value, stage.Cached ? "cached" : "to compute");
        }

        foreach (var stage in difference.Removed)
        {
            table.Add("-", stage.Label, stage.Key.Value, stage.Phase.ToString().ToLowerInvariant());
        }

        screen.Write(table);
    }

    /// <summary>Stages are equal where their addresses are.</summary>
    /// <param name="Added">Only in the spec, in plan order.</param>
    /// <param name="Removed">Only in what was submitted.</param>
    /// <param name="Kept">How many are in both.</param>
    private sealed record Difference(IReadOnlyList<PlanStageStatus> Added, IReadOnlyList<StageStatus> Removed, int Kept)
    {
        public static Difference Of(ExperimentPlan plan, ExperimentStatus? last, ArtefactStore store)
        {
            var before = last?.Stages.Select(stage => stage.Key).ToHashSet() ?? [];
            var now = plan.Stages.Select(stage => stage.Key).ToHashSet();
            return new Difference(
                [.. PlanStatus.Of(plan, store).Stages.Where(stage => !before.Contains(stage.Stage.Key))],
                [.. (last?.Stages ?? []).Where(stage => !now.Contains(stage.Key))],
                now.Count(before.Contains));
        }
    }
}
