using Orchestrator.Contracts.Experiments;
using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Client.Commands;

/// <summary>What the scheduler says of jobs that wait.</summary>
internal static class Waiting
{
    /// <summary>Every job of an experiment that waits.</summary>
    public static async Task<IReadOnlyList<WaitExplanation>> Of(IGrainFactory grains, ExperimentStatus experiment, CancellationToken cancellationToken) =>
        experiment.Stages.Any(stage => stage.Phase == StagePhase.Queued)
            ? await ExperimentOverview.Scheduler(grains).Explain(experiment.Id, experiment.Stages.Count, cancellationToken)
            : [];
}
