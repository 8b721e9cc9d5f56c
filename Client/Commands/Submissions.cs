using Orchestrator.Contracts.Experiments;
using Orchestrator.Planning.Plans;

namespace Orchestrator.Client.Commands;

/// <summary>Hands plans to their experiments.</summary>
internal static class Submissions
{
    /// <summary>Makes a plan the desired state of its experiment; durable when it returns.</summary>
    public static Task Submit(IGrainFactory grains, ExperimentPlan plan, CancellationToken cancellationToken) =>
        grains.GetGrain<IExperimentGrain>(plan.Id.Value).Submit(Of(plan), cancellationToken);

    private static ExperimentSubmission Of(ExperimentPlan plan) => new(
        plan.Name,
        plan.SpecText,
        [.. plan.Stages.Select(stage => new PlannedStage(stage.Key, stage.Label, stage.Definition.ToJson(), stage.Definition.DependsOn, stage.Stream))]);
}
