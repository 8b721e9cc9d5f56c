using Orchestrator.Contracts.Experiments;

namespace Orchestrator.Client.Commands;

/// <summary>Experiments as programs read them; property names become snake_case.</summary>
internal static class ExperimentJson
{
    public static object Line(ExperimentStatus e) => new
    {
        Id = e.Id.Value,
        e.Name,
        Status = e.Phase,
        e.SubmittedAt,
        e.EndedAt,
        Stages = e.Stages.Count,
        CachedStages = e.Stages.Count(stage => stage.Phase == StagePhase.Cached),
        e.SummaryPath,
    };

    public static object Detail(ExperimentStatus e) => new
    {
        Id = e.Id.Value,
        e.Name,
        Status = e.Phase,
        e.SubmittedAt,
        e.EndedAt,
        e.SummaryPath,
        Stages = e.Stages.Select(stage => new { Key = stage.Key.Value, stage.Label, Status = stage.Phase, stage.Attempts, stage.Reason, stage.Progress }),
    };
}
