using System.CommandLine;
using Orchestrator.Client.Cluster;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Plans;

namespace Orchestrator.Client.Commands;

/// <summary><c>submit SPEC</c>: hands an experiment to the cluster that is up, and returns.</summary>
internal static class SubmitCommand
{
    public static Command Create(ClientContext context)
    {
        var spec = CommonOptions.Spec();
        var (store, json) = (CommonOptions.Store(), CommonOptions.Json());
        var command = new Command("submit", "Hand an experiment to the cluster that is up; the same spec again changes nothing.") { spec, store, json };
        command.SetAction((parsed, cancellationToken) => Run(context, parsed.GetRequiredValue(spec), parsed.Layout(store), parsed.GetValue(json), cancellationToken));
        return command;
    }

    private static async Task<int> Run(ClientContext context, string spec, StoreLayout layout, bool json, CancellationToken cancellationToken)
    {
        if (PlannedSpec.Read(context, spec, layout, cancellationToken) is not { } plan)
        {
            return ExitCodes.BadUsage;
        }

        await using var session = await ClusterSession.JoinLasting(context, layout, cancellationToken);
        var before = await ExperimentLookup.All(session.Grains, cancellationToken);
        var outlook = Outlook.Of(plan, new ArtefactStore(layout, context.Time), before);
        await Submissions.SubmitPatiently(session.Grains, plan, context.Time, cancellationToken);
        var submitted = await ExperimentOverview.One(session.Grains, plan.Id.Value, cancellationToken);
        if (json)
        {
            context.Screen.WriteJson(new
            {
                Id = plan.Id.Value,
                plan.Name,
                submitted.State,
                Stages = plan.Stages.Count,
                New = outlook.New.Select(stage => stage.Key.Value),
                Shared = outlook.Shared.Select(stage => stage.Key.Value),
                Cached = outlook.Cached.Select(stage => stage.Key.Value),
                Earlier = outlook.Earlier?.Id.Value,
            });
            return ExitCodes.Done;
        }

        Tell(context, layout, plan, outlook, submitted);
        return ExitCodes.Done;
    }

    private static void Tell(ClientContext context, StoreLayout layout, ExperimentPlan plan, Outlook outlook, ExperimentOverview submitted)
    {
        var screen = context.Screen;
        screen.Line($"{plan.Id}: {plan.Stages.Count} stages: {outlook.New.Count} new, {outlook.Shared.Count} shared with experiments that run, {outlook.Cached.Count} cached");
        if (outlook.Own is { Phase: ExperimentPhase.Running })
        {
            screen.Line("It runs already.");
        }

        if (submitted.Share.Paused)
        {
            screen.Line(Submissions.PausedMessage(plan.Id, layout));
        }

        if (outlook.Earlier is { Phase: ExperimentPhase.Running } earlier)
        {
            screen.Line($"{earlier.Id}, submitted earlier under this name, still runs; to end it: {CommandLineText.WithArguments(["cancel", earlier.Id.Value, "--store", layout.Root])}");
        }

        screen.Line($"to look on: {CommandLineText.WithArguments(["watch", plan.Id.Value, "--store", layout.Root])}");
    }
}
