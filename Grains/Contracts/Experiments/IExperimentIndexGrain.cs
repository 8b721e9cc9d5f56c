using Orchestrator.Abstractions;

namespace Orchestrator.Contracts.Experiments;

/// <summary>The experiments of a store, since grains cannot be enumerated; the key is <see cref="Key"/>.</summary>
[Alias("IExperimentIndexGrain")]
public interface IExperimentIndexGrain : IGrainWithStringKey
{
    const string Key = "experiments";

    /// <summary>Adds an experiment; idempotent.</summary>
    [Alias("Add")]
    Task Add(ExperimentId id, CancellationToken cancellationToken);

    /// <summary>All experiments, newest first.</summary>
    [Alias("List")]
    Task<IReadOnlyList<ExperimentId>> List(CancellationToken cancellationToken);

    /// <summary>
    /// Finds artefacts that no experiment which runs, no name and no summary refers to, and deletes them where asked to.
    /// Experiments that are submitted meanwhile wait for it, and find what is left.
    /// </summary>
    [Alias("Collect"), ResponseTimeout("00:10:00")]
    Task<Collection> Collect(bool delete, CancellationToken cancellationToken);
}
