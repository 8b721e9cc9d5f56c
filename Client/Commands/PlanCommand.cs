using System.CommandLine;
using Orchestrator.Client.Display;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Plans;

namespace Orchestrator.Client.Commands;

/// <summary><c>plan SPEC</c>: what run would compute, in order, and what the store holds already. Executes and creates nothing.</summary>
internal static class PlanCommand
{
    public static Command Create(ClientContext context)
    {
        var spec = CommonOptions.Spec();
        var (store, json) = (CommonOptions.Store(), CommonOptions.Json());
        var command = new Command("plan", "Show what a spec would compute and what is cached; executes nothing.") { spec, store, json };
        command.SetAction((parsed, cancellationToken) => Task.FromResult(
            Run(context, parsed.GetRequiredValue(spec), parsed.Layout(store), parsed.GetValue(json), cancellationToken)));
        return command;
    }

    private static int Run(ClientContext context, string path, StoreLayout layout, bool json, CancellationToken cancellationToken)
    {
        if (PlannedSpec.Read(context, path, layout, cancellationToken) is not { } plan)
        {
            return ExitCodes.BadUsage;
        }

        var status = PlanStatus.Of(plan, new ArtefactStore(layout, context.Time));
        if (json)
        {
            context.Screen.WriteJson(new
            {
                Experiment = plan.Name,
                Id = plan.Id.Value,
                CachedStages = status.Cached.Count(),
                ComputedStages = status.ToCompute.Count(),
                Stages = status.Stages.Select(s => new { Key = s.Stage.Key.Value, s.Stage.Label, s.Cached, s.Stage.Work, DependsOn = s.Stage.Definition.DependsOn.Select(key => key.Value) }),
            });
            return ExitCodes.Done;
        }

        var table = new TextTable(">#", "stage", "!artefact", "!state", ">tokens");
        foreach (var (stage, i) in status.Stages.Select((stage, i) => (stage, i)))
        {
            table.Add(Numbers.Count(i + 1), stage.Stage.Label, stage.Stage.Key.Value, stage.Cached ? "cached" : "to compute", stage.Stage.Work > 0 ? Numbers.Count(stage.Stage.Work) : "–");
        }

        context.Screen.Heading($"{plan.Name} ({plan.Id}): {status.ToCompute.Count()} stages to compute, {status.Cached.Count()} cached");
        context.Screen.Write(table);
        return ExitCodes.Done;
    }
}
