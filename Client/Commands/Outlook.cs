using Orchestrator.Contracts.Experiments;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Plans;

namespace Orchestrator.Client.Commands;

/// <summary>What a submission would mean, as things are now.</summary>
/// <param name="New">Stages that nobody has asked for.</param>
/// <param name="Shared">Stages that another experiment which runs wants too.</param>
/// <param name="Cached">Stages whose artefact is there.</param>
/// <param name="Own">The experiment itself, where it was submitted before.</param>
/// <param name="Earlier">The newest other experiment of the same name.</param>
internal sealed record Outlook(
    IReadOnlyList<PlanStage> New,
    IReadOnlyList<PlanStage> Shared,
    IReadOnlyList<PlanStage> Cached,
    ExperimentStatus? Own,
    ExperimentStatus? Earlier)
{
    /// <param name="experiments">All of the store, newest first.</param>
    public static Outlook Of(ExperimentPlan plan, ArtefactStore store, IReadOnlyList<ExperimentStatus> experiments)
    {
        var others = experiments.Where(experiment => experiment.Id != plan.Id).ToList();
        var wanted = others.Where(experiment => experiment.Phase == ExperimentPhase.Running)
            .SelectMany(experiment => experiment.Stages)
            .Where(stage => !stage.Phase.HasEnded())
            .Select(stage => stage.Key)
            .ToHashSet();
        var status = PlanStatus.Of(plan, store);
        return new Outlook(
            [.. status.ToCompute.Where(stage => !wanted.Contains(stage.Key))],
            [.. status.ToCompute.Where(stage => wanted.Contains(stage.Key))],
            [.. status.Cached],
            experiments.FirstOrDefault(experiment => experiment.Id == plan.Id),
            others.FirstOrDefault(experiment => experiment.Name == plan.Name));
    }
}
