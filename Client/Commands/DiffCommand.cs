using System.CommandLine;
using System.Globalization;
using Orchestrator.Client.Cluster;
using Orchestrator.Client.Display;
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
        var difference = await PlanDifference.Find(session.Grains, plan.Name, PlanStatus.Of(plan, new ArtefactStore(layout, context.Time)), cancellationToken);
        if (json)
        {
            context.Screen.WriteJson(new
            {
                Id = plan.Id.Value,
                Against = difference.Last?.Id.Value,
                Added = difference.Added.Select(stage => new { Key = stage.Stage.Key.Value, stage.Stage.Label, stage.Cached }),
                Removed = difference.Removed.Select(stage => new { Key = stage.Key.Value, stage.Label, Status = stage.Phase }),
                Kept = difference.Kept,
            });
        }
        else
        {
            Write(context.Screen, plan, difference);
        }

        return ExitCodes.Done;
    }

    private static void Write(Screen screen, ExperimentPlan plan, PlanDifference difference)
    {
        screen.Heading(string.Create(CultureInfo.InvariantCulture, $"{plan.Id} against {difference.Last?.Id.Value ?? "nothing: no experiment of this name was submitted"}: {difference.Counts}"));
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
            table.Add("-", stage.Label, stage.Key.Value, PhaseNames.Of(stage.Phase));
        }

        screen.Write(table);
    }
}
