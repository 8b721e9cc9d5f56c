using Orchestrator.Abstractions;
using Orchestrator.Contracts.Runs;
using Orleans.Concurrency;

namespace Orchestrator.Contracts.Experiments;

/// <summary>One experiment; the key is its <see cref="ExperimentId"/>.</summary>
[Alias("IExperimentGrain")]
public interface IExperimentGrain : IGrainWithStringKey
{
    /// <summary>
    /// Makes the plan the desired state and returns at once; stages whose artefact exists are not computed. Submitting
    /// again goes on where it was.
    /// </summary>
    [Alias("Submit")]
    Task Submit(ExperimentSubmission submission, CancellationToken cancellationToken);

    /// <summary>Asks running stages to checkpoint and stop; returns at once.</summary>
    [Alias("Cancel")]
    Task Cancel(CancellationToken cancellationToken);

    /// <summary>
    /// Wants the stages that failed, and those that failed with them, once more; an experiment that had failed runs again.
    /// Nothing is changed where none failed, or where the experiment was cancelled.
    /// </summary>
    /// <returns>How many stages are tried again.</returns>
    [Alias("RetryFailed")]
    Task<int> RetryFailed(CancellationToken cancellationToken);

    /// <summary>What is known now; null where nothing was ever submitted.</summary>
    [Alias("GetStatus"), AlwaysInterleave]
    Task<ExperimentStatus?> GetStatus(CancellationToken cancellationToken);

    /// <summary>Told by a run when it reached its end; at least once.</summary>
    [Alias("StageEnded")]
    Task StageEnded(StageKey stage, RunOutcome outcome, CancellationToken cancellationToken);

    /// <summary>Told by a run that waits at a rung for a decision; may be lost.</summary>
    [Alias("StageAtRung")]
    Task StageAtRung(StageKey stage, RungResult result, CancellationToken cancellationToken);
}
