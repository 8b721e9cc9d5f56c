using Orchestrator.Contracts.Experiments;
using Orchestrator.Planning.Plans;

namespace Orchestrator.Client.Commands;

/// <summary>A plan against what was submitted last under its name. Stages are equal where their addresses are.</summary>
/// <param name="Last">What was submitted; null: nothing.</param>
/// <param name="Added">Only in the plan, in its order.</param>
/// <param name="Removed">Only in what was submitted.</param>
/// <param name="Kept">How many are in both.</param>
internal sealed record PlanDifference(ExperimentStatus? Last, IReadOnlyList<PlanStageStatus> Added, IReadOnlyList<StageStatus> Removed, int Kept)
{
    /// <summary>Asks the cluster what was submitted last.</summary>
    public static async Task<PlanDifference> Find(IGrainFactory grains, string name, PlanStatus plan, CancellationToken cancellationToken)
    {
        var last = (await ExperimentLookup.All(grains, cancellationToken)).FirstOrDefault(experiment => experiment.Name == name);
        var submitted = (last?.Stages ?? []).Where(stage => stage.Replaces is null).ToList(); // not what took the place of something
        var before = submitted.Select(stage => stage.Key).ToHashSet();
        var now = plan.Stages.Select(stage => stage.Stage.Key).ToHashSet();
        return new PlanDifference(
            last,
            [.. plan.Stages.Where(stage => !before.Contains(stage.Stage.Key))],
            [.. submitted.Where(stage => !now.Contains(stage.Key))],
            now.Count(before.Contains));
    }

    /// <summary>For people: how many of each.</summary>
    public string Counts => $"{Added.Count} stages added, {Removed.Count} removed, {Kept} as they were";
}
