using Orchestrator.Abstractions;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Plans;

namespace Orchestrator.Planning.Estimates;

/// <summary>What the stages of a plan that are to be computed will need on one kind of device.</summary>
/// <param name="Device">The kind; null: nothing was measured on any.</param>
/// <param name="Jobs">In plan order.</param>
public sealed record PlanEstimate(string? Device, IReadOnlyList<JobEstimate> Jobs)
{
    /// <summary>Of those jobs for which it is known, one after another.</summary>
    public TimeSpan Total => TimeSpan.FromTicks(Jobs.Sum(job => job.Time?.Duration.Ticks ?? 0));

    /// <summary>Stages whose time is not known.</summary>
    public int Unknown => Jobs.Where(job => job.Time is null).Sum(job => job.Stages.Count);

    /// <summary>Whether some of it comes from other sizes than the plan's.</summary>
    public bool IsScaled => Jobs.Any(job => job.Time?.IsScaled == true);

    /// <summary>An estimate for each kind of device on which something was measured; one without times where there is none.</summary>
    public static IReadOnlyList<PlanEstimate> Of(PlanStatus status, ArtefactStore store)
    {
        var rates = MeasuredRates.Read(store);
        var definitions = status.Stages.ToDictionary(stage => stage.Stage.Key, stage => stage.Stage.Definition);
        var stages = status.ToCompute.Select(stage => new StageToEstimate(stage.Key, stage.Definition, stage.Stream)).ToList();
        return [.. rates.Devices.Cast<string?>().DefaultIfEmpty().Select(device => new PlanEstimate(device, JobEstimate.Of(stages, key => definitions.GetValueOrDefault(key), rates, device)))];
    }

    /// <summary>The least time there is with any number of devices: along the longest chain of jobs that need one another.</summary>
    /// <param name="plan">Whose jobs these are.</param>
    public TimeSpan LongestChain(ExperimentPlan plan)
    {
        var stages = plan.Stages.ToDictionary(stage => stage.Key);
        var ends = new Dictionary<StageKey, TimeSpan>();
        var longest = TimeSpan.Zero;
        foreach (var job in Jobs) // in plan order: what a job needs has its end already
        {
            var start = job.Stages.SelectMany(stage => stages[stage.Key].Definition.DependsOn).Select(key => ends.GetValueOrDefault(key)).DefaultIfEmpty().Max();
            var end = start + (job.Time?.Duration ?? TimeSpan.Zero);
            foreach (var stage in job.Stages)
            {
                ends[stage.Key] = end;
            }

            longest = end > longest ? end : longest;
        }

        return longest;
    }
}
