using Orchestrator.Contracts.Experiments;
using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Client.Commands;

/// <summary>Experiments as programs read them; property names become snake_case.</summary>
internal static class ExperimentJson
{
    public static object Line(ExperimentOverview e) => new
    {
        Id = e.Status.Id.Value,
        e.Status.Name,
        Status = e.Status.Phase,
        e.State,
        e.Status.SubmittedAt,
        e.Status.EndedAt,
        Stages = e.Status.Stages.Count,
        DoneStages = e.StagesDone,
        CachedStages = e.Status.Stages.Count(stage => stage.Phase == StagePhase.Cached),
        FailedStages = e.Status.Stages.Count(stage => stage.Phase == StagePhase.Failed),
        StoppedStages = e.Status.Stages.Count(stage => stage.Phase == StagePhase.Stopped),
        e.Share.Priority,
        e.Share.Weight,
        e.Share.MaxDevices,
        e.Share.Paused,
        e.Share.Devices,
        e.Status.SummaryPath,
    };

    public static object Detail(ExperimentOverview e, IReadOnlyList<WaitExplanation> waits) => new
    {
        Id = e.Status.Id.Value,
        e.Status.Name,
        Status = e.Status.Phase,
        e.State,
        e.Status.SubmittedAt,
        e.Status.EndedAt,
        e.Status.SummaryPath,
        e.Share.Priority,
        e.Share.Weight,
        e.Share.MaxDevices,
        e.Share.Paused,
        e.Share.Devices,
        Stages = e.Status.Stages.Select(stage => new
        {
            Key = stage.Key.Value,
            stage.Label,
            Status = stage.Phase,
            stage.Attempts,
            stage.Reason,
            stage.Evidence,
            Replaces = stage.Replaces?.Value,
            stage.Progress,
            Waits = waits.FirstOrDefault(wait => stage.Phase == StagePhase.Queued && wait.Stages.Contains(stage.Key)) is { } wait ? Wait(wait) : null,
        }),
    };

    public static object Wait(WaitExplanation wait) => new
    {
        wait.Job,
        Experiment = wait.Experiment.Value,
        Stages = wait.Stages.Select(stage => stage.Value),
        wait.QueuedAt,
        wait.Reason,
        wait.Text,
        wait.Position,
        wait.BehindOwn,
        wait.Blocker,
        wait.EstimatedStart,
    };
}
