using System.CommandLine;
using Orchestrator.Client.Cluster;
using Orchestrator.Contracts.Experiments;

namespace Orchestrator.Client.Commands;

/// <summary><c>watch ID</c>: looks on until an experiment has ended, and shows what it found.</summary>
internal static class WatchCommand
{
    public static Command Create(ClientContext context)
    {
        var id = ExperimentLookup.Argument();
        var (store, json) = (CommonOptions.Store(), CommonOptions.Json());
        var command = new Command("watch", "Look on until an experiment has ended, and show what it found; Ctrl-C ends the looking on, not the experiment.") { id, store, json };
        command.SetAction(async (parsed, _) =>
        {
            var layout = parsed.Layout(store);
            using var interruption = new Interruption(() => { });
            await using var session = await ClusterSession.Join(context, layout, interruption.Asked);
            var experiment = await ExperimentLookup.One(session.Grains, parsed.GetRequiredValue(id), interruption.Asked);
            var follower = new ExperimentFollower(context, session, layout, experiment.Id, interruption)
            {
                CancelsOnSignal = false,
                Continuation = CommandLineText.WithArguments(["watch", experiment.Id.Value, "--store", layout.Root]),
            };
            var status = await follower.Follow(parsed.GetValue(json));
            if (status is null or { Phase: ExperimentPhase.Running })
            {
                context.Screen.Error(Detachment.Message(experiment.Id, layout));
                return ExitCodes.Interrupted;
            }

            return ExperimentConclusion.Show(context.Screen, layout, "experiment", status, parsed.GetValue(json));
        });
        return command;
    }
}
