using System.CommandLine;
using System.Globalization;
using Orchestrator.Client.Cluster;
using Orchestrator.Client.Display;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Client.Commands;

/// <summary><c>why ID</c>: why a run or an experiment is not done.</summary>
internal static class WhyCommand
{
    public static Command Create(ClientContext context)
    {
        var id = ExperimentLookup.ArgumentOrRun();
        var (store, json) = (CommonOptions.Store(), CommonOptions.Json());
        var command = new Command("why", "Say why a run or an experiment waits: reason, place in the queue, what blocks it, when it may start.") { id, store, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var session = await ClusterSession.Join(context, parsed.Layout(store), cancellationToken);
            var (experiments, run) = await ExperimentLookup.OneOrRun(session.Grains, parsed.GetRequiredValue(id), cancellationToken);
            var answers = new List<Answer>();
            foreach (var experiment in experiments)
            {
                var waits = await Waiting.Of(session.Grains, experiment, cancellationToken);
                var stages = experiment.Stages.Where(stage => run is null ? IsOpen(stage) : stage.Key == run);
                answers.AddRange(stages.Select(stage => new Answer(experiment, stage, waits.FirstOrDefault(wait => stage.Phase == StagePhase.Queued && wait.Stages.Contains(stage.Key)))));
            }

            if (parsed.GetValue(json))
            {
                context.Screen.WriteJson(answers.Select(ToJson));
            }
            else
            {
                Write(context.Screen, experiments, answers, context.Time.GetUtcNow());
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static bool IsOpen(StageStatus stage) => !stage.Phase.HasEnded() || stage.Phase == StagePhase.Failed;

    private static object ToJson(Answer answer) => new
    {
        Experiment = answer.Experiment.Id.Value,
        Run = answer.Stage.Key.Value,
        answer.Stage.Label,
        Status = answer.Stage.Phase,
        answer.Text,
        answer.Stage.Evidence,
        Waits = answer.Wait is { } wait ? ExperimentJson.Wait(wait) : null,
    };

    private static void Write(Screen screen, IReadOnlyList<ExperimentStatus> experiments, IReadOnlyList<Answer> answers, DateTimeOffset now)
    {
        if (answers.Count == 0)
        {
            var experiment = experiments[0];
            screen.Line($"{experiment.Id} is {experiment.Phase.ToString().ToLowerInvariant()}: nothing of it waits.");
            return;
        }

        var table = new TextTable("!run", "stage", "!state", ">place", "!starts", "why");
        foreach (var answer in answers)
        {
            table.Add(
                answer.Stage.Key.Value,
                experiments.Count > 1 ? $"{answer.Experiment.Id}: {answer.Stage.Label}" : answer.Stage.Label,
                PhaseNames.Of(answer.Stage.Phase),
                answer.Wait?.Position?.ToString(CultureInfo.InvariantCulture) ?? "–",
                answer.Wait?.EstimatedStart is { } start ? start <= now ? "now" : $"in {Numbers.Duration(start - now)}" : "–",
                answer.Text);
        }

        screen.Write(table);
        foreach (var stage in answers.Select(answer => answer.Stage).Where(stage => stage.Evidence is not null).DistinctBy(stage => stage.Key))
        {
            EvidenceView.Write(screen, stage);
        }
    }

    /// <summary>One run, as one experiment sees it.</summary>
    private sealed record Answer(ExperimentStatus Experiment, StageStatus Stage, WaitExplanation? Wait)
    {
        /// <summary>The reason in a sentence.</summary>
        public string Text => Stage.Phase switch
        {
            StagePhase.Blocked => $"needs {string.Join(", ", Missing)}",
            StagePhase.Queued => Wait?.Text ?? "is about to be queued",
            StagePhase.Running => Stage.Progress is { } progress ? $"is computed: {ProgressLines.Describe(progress)}" : "is computed",
            StagePhase.Failed => $"failed: {Stage.Reason}",
            StagePhase.AtRung or StagePhase.Stopped => Stage.Reason ?? PhaseNames.Of(Stage.Phase),
            StagePhase.Cached => "its artefact was in the store already",
            _ => $"is {PhaseNames.Of(Stage.Phase)}",
        };

        private IEnumerable<string> Missing => Experiment.Stages
            .Where(stage => Stage.DependsOn.Contains(stage.Key) && !stage.Phase.HasArtefact())
            .Select(stage => $"{stage.Label}, which is {PhaseNames.Of(stage.Phase)}");
    }
}
