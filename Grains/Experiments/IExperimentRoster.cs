using Orchestrator.Abstractions;

namespace Orchestrator.Grains.Experiments;

/// <summary>The index' other face: which experiments run, for those who keep them running.</summary>
[Alias("IExperimentRoster")]
public interface IExperimentRoster : IGrainWithStringKey
{
    /// <summary>An experiment is about to run; idempotent.</summary>
    [Alias("Started")]
    Task Started(ExperimentId id);

    /// <summary>An experiment has ended; idempotent.</summary>
    [Alias("Ended")]
    Task Ended(ExperimentId id);

    /// <summary>All that run, as far as known: one that has ended may still be among them.</summary>
    [Alias("Running")]
    Task<IReadOnlyList<ExperimentId>> Running();
}
