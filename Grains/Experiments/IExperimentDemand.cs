using Orchestrator.Abstractions;
using Orleans.Concurrency;

namespace Orchestrator.Grains.Experiments;

/// <summary>An experiment's other face: what it needs of the store.</summary>
[Alias("IExperimentDemand")]
public interface IExperimentDemand : IGrainWithStringKey
{
    /// <summary>Every stage of its plan, and of one that is being submitted at this moment.</summary>
    [Alias("Wanted"), AlwaysInterleave]
    Task<IReadOnlyList<StageKey>> Wanted();
}
