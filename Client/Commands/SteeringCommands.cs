using System.CommandLine;
using Orchestrator.Client.Cluster;
using Orchestrator.Contracts.Experiments;

namespace Orchestrator.Client.Commands;

/// <summary><c>cancel</c>, <c>pause</c>, <c>resume</c>, <c>retry</c>: what people do with experiments that run.</summary>
internal static class SteeringCommands
{
    public static Command Cancel(ClientContext context) => Create(context, "cancel", "End an experiment: what runs makes a checkpoint first, and submitting it again goes on from there.", async (grains, experiment, token) =>
    {
        RequireRunning(experiment, "cancel");
        await grains.GetGrain<IExperimentGrain>(experiment.Status.Id.Value).Cancel(token);
        return "is being cancelled; what runs makes a checkpoint first.";
    });

    public static Command Pause(ClientContext context) => Create(context, "pause", "Hold an experiment back: what runs and has checkpoints makes one and goes back to the queue.", async (grains, experiment, token) =>
    {
        RequireRunning(experiment, "pause");
        await ExperimentOverview.Scheduler(grains).SetPaused(experiment.Status.Id, true, token);
        return experiment.Share.Paused ? "was paused already." : "is paused; resume lets it go on.";
    });

    public static Command Resume(ClientContext context) => Create(context, "resume", "Let an experiment go on that was paused.", async (grains, experiment, token) =>
    {
        await ExperimentOverview.Scheduler(grains).SetPaused(experiment.Status.Id, false, token);
        return experiment.Share.Paused ? "goes on." : "was not paused.";
    });

    public static Command Retry(ClientContext context)
    {
        var failed = new Option<bool>("--failed") { Description = "Stages that failed, and what failed with them." };
        var command = Create(context, "retry", "Try stages of an experiment once more.", async (grains, experiment, token) =>
        {
            if (experiment.Status.Phase == ExperimentPhase.Cancelled || experiment.Status.CancelRequested)
            {
                throw CommandFailure.Usage($"{experiment.Status.Id} was cancelled; to go on with it, submit its spec again.");
            }

            var count = await grains.GetGrain<IExperimentGrain>(experiment.Status.Id.Value).RetryFailed(token);
            return count == 0
                ? throw CommandFailure.Usage($"Nothing of {experiment.Status.Id} has failed.")
                : $"tries {count} failed stages again.";
        });
        command.Add(failed);
        command.Validators.Add(result =>
        {
            if (!result.GetValue(failed))
            {
                result.AddError("retry has to be told what; allowed: --failed.");
            }
        });
        return command;
    }

    private static void RequireRunning(ExperimentOverview experiment, string verb)
    {
        if (experiment.Status.Phase != ExperimentPhase.Running)
        {
            throw CommandFailure.Usage($"{experiment.Status.Id} has {(experiment.Status.Phase == ExperimentPhase.Cancelled ? "been " : "")}{experiment.State}; there is nothing to {verb}.");
        }
    }

    private static Command Create(ClientContext context, string verb, string description, Func<IGrainFactory, ExperimentOverview, CancellationToken, Task<string>> act)
    {
        var id = ExperimentLookup.Argument();
        var (store, json) = (CommonOptions.Store(), CommonOptions.Json());
        var command = new Command(verb, description) { id, store, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var session = await ClusterSession.Join(context, parsed.Layout(store), cancellationToken);
            var experiment = await ExperimentOverview.One(session.Grains, parsed.GetRequiredValue(id), cancellationToken);
            var said = await act(session.Grains, experiment, cancellationToken);
            if (parsed.GetValue(json))
            {
                context.Screen.WriteJson(ExperimentJson.Line(await ExperimentOverview.One(session.Grains, experiment.Status.Id.Value, cancellationToken)));
            }
            else
            {
                context.Screen.Line($"{experiment.Status.Id} {said}");
            }

            return ExitCodes.Done;
        });
        return command;
    }
}
