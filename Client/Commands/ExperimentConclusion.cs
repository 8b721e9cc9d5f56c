using Orchestrator.Abstractions.Results;
using Orchestrator.Client.Display;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Client.Commands;

/// <summary>What the user is told of an experiment that has ended, and the exit code.</summary>
internal static class ExperimentConclusion
{
    /// <summary>The summary, also of what failed, and the reasons.</summary>
    /// <param name="noun">What it is called.</param>
    /// <exception cref="CommandFailure">There is no report.</exception>
    public static int Show(Screen screen, StoreLayout layout, string noun, ExperimentStatus status, bool json)
    {
        if (status.SummaryPath is null)
        {
            throw new CommandFailure(ExitCodes.Failed, $"The {noun} ended as {Name(status)}, but its report could not be written; see {Path.Combine(layout.Logs, "control.log")}.{Reasons(status)}");
        }

        if (json)
        {
            screen.Line(File.ReadAllText(status.SummaryPath).TrimEnd());
        }
        else
        {
            SummaryView.Write(screen, ResultJson.Read<ExperimentSummary>(status.SummaryPath), layout.Report(status.Id));
        }

        return ExitCodeOf(screen, noun, status);
    }

    /// <summary>Tells what failed.</summary>
    public static int ExitCodeOf(Screen screen, string noun, ExperimentStatus status)
    {
        if (status.Phase == ExperimentPhase.Completed)
        {
            return ExitCodes.Done;
        }

        screen.Error($"The {noun} {Name(status)}.{Reasons(status)}");
        return ExitCodes.Failed;
    }

    private static string Name(ExperimentStatus status) => status.Phase.ToString().ToLowerInvariant();

    private static string Reasons(ExperimentStatus status) => string.Concat(status.Stages
        .Where(stage => stage.Phase == StagePhase.Failed)
        .Select(stage => $"{Environment.NewLine}  {stage.Label}: {stage.Reason}"));
}
