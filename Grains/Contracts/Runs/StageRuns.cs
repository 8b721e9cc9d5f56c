using Orchestrator.Abstractions;

namespace Orchestrator.Contracts.Runs;

/// <summary>Which grain is the run of a stage.</summary>
public static class StageRuns
{
    /// <summary>Models and dictionaries are trained; everything else is computed whole.</summary>
    public static IStageRunGrain StageRun(this IGrainFactory grains, StageKey stage) =>
        stage.IsTrained() ? grains.GetGrain<ITrainingRunGrain>(stage.Value) : grains.GetGrain<IComputationRunGrain>(stage.Value);

    /// <summary>Whether the stage is a model or a dictionary, whose run makes checkpoints.</summary>
    public static bool IsTrained(this StageKey stage) =>
        stage.Value.StartsWith("model-", StringComparison.Ordinal) || stage.Value.StartsWith("dictionary-", StringComparison.Ordinal);
}
