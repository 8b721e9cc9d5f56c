using Orchestrator.Abstractions;
using Orchestrator.Contracts.Experiments;
using Orleans.Concurrency;

namespace Orchestrator.Contracts.Runs;

/// <summary>
/// The run of one stage, shared by every experiment that needs it; the key is the <see cref="StageKey"/>. It is the
/// guard of the stage's artefact: a commit counts only under the newest lease epoch that it was told of.
/// </summary>
public interface IStageRunGrain : IGrainWithStringKey
{
    /// <summary>An experiment waits for this stage and is told of its end.</summary>
    [Alias("Await")]
    Task Await(ExperimentId experiment, PlannedStage stage, CancellationToken cancellationToken);

    /// <summary>
    /// A job with this epoch starts; older epochs are refused from now on. Returns the checkpoint to go on from;
    /// <see cref="CommitOutcome.AlreadyComplete"/>: the stage has ended, leave it out, as where it is held at a rung.
    /// </summary>
    [Alias("Begin")]
    Task<RunStart> Begin(long epoch, CancellationToken cancellationToken);

    /// <summary>Progress; not durable. <see cref="CommitOutcome.Stale"/> tells the sender to stop.</summary>
    [Alias("Report")]
    Task<CommitOutcome> Report(long epoch, RunProgress progress, CancellationToken cancellationToken);

    /// <summary>Makes a checkpoint the one that the next attempt goes on from.</summary>
    [Alias("CommitCheckpoint")]
    Task<CommitOutcome> CommitCheckpoint(long epoch, CheckpointRef checkpoint, CancellationToken cancellationToken);

    /// <summary>
    /// A checkpoint is not what was committed: the one before it counts again, or the beginning. <see cref="Begin"/> says which.
    /// </summary>
    [Alias("RejectCheckpoint")]
    Task<CommitOutcome> RejectCheckpoint(long epoch, CheckpointRef checkpoint, string reason, CancellationToken cancellationToken);

    /// <summary>
    /// Keeps what the stage was worth at a rung, of which a checkpoint was committed before. Where every experiment that
    /// waits for the stage has yet to decide on that rung, the run is held there and the attempt ends without a failure.
    /// </summary>
    [Alias("ReportRung")]
    Task<RungAnswer> ReportRung(long epoch, RungResult result, CancellationToken cancellationToken);

    /// <summary>An experiment lets the stage go on beyond a rung. Idempotent.</summary>
    /// <returns>False: the run does not know that this experiment competes; ask for the stage again.</returns>
    [Alias("Pass")]
    Task<bool> Pass(ExperimentId experiment, double rung, CancellationToken cancellationToken);

    /// <summary>An experiment no longer waits for this stage: others decide alone whether it goes on. Idempotent.</summary>
    [Alias("Leave")]
    Task Leave(ExperimentId experiment, CancellationToken cancellationToken);

    /// <summary>Publishes a finished work folder as the stage's artefact; hashes its files, which may take a while.</summary>
    [Alias("CommitResult"), ResponseTimeout("00:10:00")]
    Task<CommitOutcome> CommitResult(long epoch, string workFolder, CancellationToken cancellationToken);

    /// <summary>An attempt ended without a result.</summary>
    [Alias("EndAttempt")]
    Task EndAttempt(long epoch, RunOutcome outcome, CancellationToken cancellationToken);

    /// <summary>What is known now, also while a result is being published.</summary>
    [Alias("GetStatus"), AlwaysInterleave]
    Task<RunStatus> GetStatus(CancellationToken cancellationToken);
}

/// <summary>The run of a model or of a dictionary: long, with checkpoints.</summary>
[Alias("ITrainingRunGrain")]
public interface ITrainingRunGrain : IStageRunGrain;

/// <summary>The run of a tokenizer, of tokens or of an analysis: short, repeated whole when its device is lost.</summary>
[Alias("IComputationRunGrain")]
public interface IComputationRunGrain : IStageRunGrain;
