using Orchestrator.Abstractions;
using Orchestrator.Contracts.Runs;
using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Silo.Stages;

/// <summary>Computes a job, synchronously, on the device thread.</summary>
public interface IJobRunner
{
    /// <summary>
    /// Computes every stage of the job and commits each result as it is ready. When <paramref name="stop"/> is
    /// cancelled it commits a checkpoint and throws <see cref="OperationCanceledException"/>.
    /// </summary>
    /// <exception cref="StageFailedException">A stage failed for a reason that has a class.</exception>
    /// <exception cref="LeaseLostException">A commit was refused.</exception>
    void Run(JobRequest job, IJobReporter reporter, CancellationToken stop);
}

/// <summary>The way from the device thread to the run grains; every call carries the lease's epoch and blocks.</summary>
public interface IJobReporter
{
    /// <summary>Where to go on with a stage; null: from the beginning.</summary>
    CheckpointRef? CheckpointOf(StageKey stage);

    /// <summary>Rungs at which a stage is still to be measured, as shares of its tokens, growing.</summary>
    IReadOnlyList<double> RungsOf(StageKey stage);

    /// <summary>Keeps what a stage was worth at a rung, whose checkpoint was committed before.</summary>
    /// <returns>Whether it waits there: nothing more of it is computed in this job.</returns>
    bool ReportRung(StageKey stage, RungResult result);

    /// <summary>Sends progress without waiting, at most a few times a second for each stage.</summary>
    void Progress(StageKey stage, RunProgress progress);

    /// <summary>A new empty folder, named by stage, epoch and step, in which to write a checkpoint.</summary>
    string NewCheckpointFolder(StageKey stage, long step);

    /// <summary>Commits a checkpoint; older ones may be deleted afterwards.</summary>
    void CommitCheckpoint(StageKey stage, CheckpointRef checkpoint);

    /// <summary>A new empty folder in which to write a stage's artefact.</summary>
    string NewWorkFolder(StageKey stage);

    /// <summary>Publishes a work folder as the stage's artefact.</summary>
    void CommitResult(StageKey stage, string workFolder);

    /// <summary>Ends one stage of the job for good; the others go on.</summary>
    void Fail(StageKey stage, FailureClass failure, string reason);

    /// <summary>
    /// Ends every stage of the job that has no result, gives the device back and ends this process: for another thread
    /// than the device's, when that one hangs in code that cannot be stopped.
    /// </summary>
    void Abandon(FailureClass failure, string reason);
}

/// <summary>A stage failed for a reason that has a class.</summary>
public sealed class StageFailedException(FailureClass failure, string message, Exception? inner = null)
    : Exception(message, inner)
{
    public FailureClass Failure { get; } = failure;
}

/// <summary>A newer lease exists; whatever this process still computes is not wanted.</summary>
public sealed class LeaseLostException(string message) : Exception(message);
