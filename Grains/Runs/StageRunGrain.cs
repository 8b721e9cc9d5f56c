using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Abstractions;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Contracts.Runs;
using Orchestrator.Grains.Storage;
using Orchestrator.Grains.Telemetry;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Grains.Runs;

/// <summary>
/// The guard of one stage's artefact. It computes nothing: a device does, and every commit of the device carries the epoch
/// of its lease. Files are touched off the turn.
/// </summary>
public abstract partial class StageRunGrain(
    IPersistentState<StageRunState> state,
    ArtefactStore store,
    IOptions<RunOptions> options,
    TimeProvider time,
    ILogger logger) : DurableGrain<StageRunState>(state), IStageRunGrain
{
    /// <summary>Progress comes several times a second; people who read it later need less of it.</summary>
    private static readonly TimeSpan BetweenProgressLines = TimeSpan.FromSeconds(30);

    private RunProgress? _progress;
    private long? _progressLogged;

    private StageKey Stage => new(this.GetPrimaryKeyString());

    public async Task Await(ExperimentId experiment, PlannedStage stage, CancellationToken cancellationToken)
    {
        var isShared = State is { Outcome: null, DefinitionJson: not null };
        if (State.Outcome is { } outcome && !(outcome.End == RunEnd.Completed && await HasArtefact()))
        {
            // A new demand after a failure or a cancellation, or for an artefact that was deleted: another try.
            State.Absolve();
            (State.AskedAt, State.Trace) = (null, null);
        }

        var defaults = options.Value;
        State.LostAttempts = Larger(State.LostAttempts, stage.LostAttempts, defaults.AttemptsWithoutProgress, isShared);
        State.OutOfMemoryRetries = Larger(State.OutOfMemoryRetries, stage.OutOfMemoryRetries, defaults.OutOfMemoryRetries, isShared);
        State.PluginRetries = Larger(State.PluginRetries, stage.PluginRetries, defaults.PluginRetries, isShared);
        State.DefinitionJson = stage.DefinitionJson;
        State.AskedAt ??= time.GetUtcNow();
        State.Trace ??= RunTrace.Ask(Stage, experiment);
        if (!State.Waiting.Contains(experiment))
            State.Waiting.Add(experiment);

        Enter(experiment, stage);
        await Save();
        if (State.Outcome is not null)
            NotifyOfEnd();
    }

    public async Task<RunStart> Begin(long epoch, CancellationToken cancellationToken)
    {
        if (epoch < State.Epoch || epoch <= State.ClosedEpoch)
            return new RunStart(CommitOutcome.Stale, null);

        if (State.Outcome is not null)
            return new RunStart(CommitOutcome.AlreadyComplete, null);

        if (State.HeldAt is not null)
            return new RunStart(CommitOutcome.Accepted, null) { IsHeld = true };

        if (epoch > State.Epoch)
            Attempt(epoch);

        if (await HasArtefact())
        {
            // Published by an attempt whose grain died before it could note it.
            await End(RunOutcome.Completed);
            return new RunStart(CommitOutcome.AlreadyComplete, null);
        }

        while (State.Checkpoint is { } checkpoint && !await Task.Run(() => Directory.Exists(checkpoint.Folder), CancellationToken.None))
        {
            LogCheckpointGone(Stage, checkpoint.Folder);
            FallBack();
        }

        await Save();
        LogBegins(Stage, State.Attempts, epoch, State.Checkpoint?.Step ?? 0);
        return new RunStart(CommitOutcome.Accepted, State.Checkpoint) { Trace = State.Trace, Rungs = State.OpenRungs };
    }

    public Task<CommitOutcome> Report(long epoch, RunProgress progress, CancellationToken cancellationToken)
    {
        if (epoch == State.HeldEpoch)
            return Task.FromResult(CommitOutcome.Accepted); // sent before it was told to wait at a rung: the rest of its job goes on

        var verdict = Judge(epoch);
        if (verdict == CommitOutcome.Accepted)
        {
            _progress = progress;
            LogNowAndThen(progress);
        }

        return Task.FromResult(verdict);
    }

    public async Task<CommitOutcome> CommitCheckpoint(long epoch, CheckpointRef checkpoint, CancellationToken cancellationToken)
    {
        var verdict = Judge(epoch);
        if (verdict != CommitOutcome.Accepted || State.Checkpoint == checkpoint)
            return verdict;

        // Two are kept: the newest is only known to be good once somebody has read it.
        var old = State.PreviousCheckpoint;
        State.PreviousCheckpoint = State.Checkpoint?.Folder == checkpoint.Folder ? old : State.Checkpoint;
        State.Checkpoint = checkpoint;
        State.Progressed();
        await Save();
        LogCheckpoint(Stage, checkpoint.Step);
        RunMeters.CheckpointCommitted(Stage);
        if (old is not null && old != State.PreviousCheckpoint && old.Folder != checkpoint.Folder)
            await Delete(old.Folder);

        return CommitOutcome.Accepted;
    }

    public async Task<CommitOutcome> RejectCheckpoint(long epoch, CheckpointRef checkpoint, string reason, CancellationToken cancellationToken)
    {
        var verdict = Judge(epoch);
        if (verdict != CommitOutcome.Accepted || State.Checkpoint != checkpoint)
            return verdict;

        FallBack();
        await Save();
        LogCheckpointTorn(Stage, checkpoint.Step, reason, State.Checkpoint?.Step ?? 0);
        await Delete(checkpoint.Folder);
        return CommitOutcome.Accepted;
    }

    public async Task<CommitOutcome> CommitResult(long epoch, string workFolder, CancellationToken cancellationToken)
    {
        var verdict = Judge(epoch);
        if (verdict != CommitOutcome.Accepted)
            return verdict;

        var definition = State.DefinitionJson
            ?? throw new InvalidOperationException($"The run of {Stage} has a result, but nobody asked for it.");
        using var span = RunTrace.Span(State.Trace, "publish", Stage);
        // The store's folders know no versions, but the state does: an activation that others gave up during a partition
        // fails here, before it could publish anything.
        await Save();
        await Task.Run(
            () =>
            {
                // Gone: an earlier call published it, and its answer was lost.
                if (Directory.Exists(workFolder) || !store.Contains(Stage))
                    store.Publish(Stage, definition, workFolder);
            },
            CancellationToken.None);
        await End(RunOutcome.Completed);
        return CommitOutcome.Accepted;
    }

    public async Task EndAttempt(long epoch, RunOutcome outcome, CancellationToken cancellationToken)
    {
        if (epoch < State.Epoch || epoch <= State.ClosedEpoch || State.Outcome is not null)
            return;

        if (epoch > State.Epoch && State.HeldAt is not null)
            return; // it waits at a rung, and was left out of that job

        if (epoch > State.Epoch)
        {
            State.Epoch = epoch; // lost before it could begin
            State.Attempts++;
        }

        State.ClosedEpoch = epoch;
        _progress = null;
        LogAttemptEnded(Stage, epoch, outcome.End, outcome.Failure, outcome.Reason ?? "");
        RunMeters.AttemptLost(Stage, outcome.Failure);
        foreach (var end in outcome.Evidence?.Ends ?? [])
            LogProcessEnd(Stage, end.ProcessId, end.Text, string.Join(Environment.NewLine, end.LastLines));

        var ends = outcome.End == RunEnd.Failed ? FailurePolicy.Book(State, outcome, options.Value) : outcome;
        if (ends is null)
            await Save(); // another attempt
        else
            await End(ends);
    }

    public Task<RunStatus> GetStatus(CancellationToken cancellationToken) => Task.FromResult(
        new RunStatus(Stage, State.Epoch, State.Attempts, State.Checkpoint, _progress, State.Outcome)
        {
            IsApart = State.IsApart,
            Rungs = [.. State.Rungs],
            HeldAt = State.HeldAt,
        });

    /// <summary>Who waits already must not get less than he asked for.</summary>
    private static int Larger(int? present, int? asked, int standard, bool isShared) =>
        isShared ? Math.Max(present ?? standard, asked ?? standard) : asked ?? standard;

    /// <summary>What waited at a rung goes on as the same attempt.</summary>
    private void Attempt(long epoch)
    {
        var goesOn = State.HeldEpoch > 0 && State.HeldEpoch == State.Epoch;
        State.Epoch = epoch;
        if (goesOn)
            return;

        State.Attempts++;
        RunMeters.AttemptBegan(Stage);
        if (State is { Attempts: 1, AskedAt: { } asked })
            RunTrace.Queued(State.Trace, Stage, asked);
    }

    private void FallBack() => (State.Checkpoint, State.PreviousCheckpoint) = (State.PreviousCheckpoint, null);

    private CommitOutcome Judge(long epoch)
    {
        if (State.IsCurrent(epoch) && State.Outcome is null)
            return CommitOutcome.Accepted;

        if (epoch == State.Epoch && State.Outcome is { End: RunEnd.Completed })
            return CommitOutcome.AlreadyComplete; // its own result, whose acknowledgement was lost

        LogStale(Stage, epoch, State.Epoch);
        RunMeters.CommitRefused(Stage);
        return CommitOutcome.Stale;
    }

    private void LogNowAndThen(RunProgress progress)
    {
        if (_progressLogged is { } last && time.GetElapsedTime(last) < BetweenProgressLines)
            return;

        _progressLogged = time.GetTimestamp();
        if (progress.Loss is not { } loss)
            LogActivity(Stage, progress.Activity, progress.Step, progress.Steps);
        else if (progress.L0 is not { } l0)
            LogTraining(Stage, progress.Activity, progress.Step, progress.Steps, progress.TokensPerSecond, loss);
        else
            LogSparseTraining(Stage, progress.Activity, progress.Step, progress.Steps, progress.TokensPerSecond, loss, l0);
    }

    private async Task End(RunOutcome outcome)
    {
        State.Outcome = outcome;
        State.ClosedEpoch = State.Epoch;
        _progress = null;
        if (outcome.End == RunEnd.Completed)
            State.Checkpoint = State.PreviousCheckpoint = null;

        await Save();
        LogEnded(Stage, outcome.End, outcome.Reason ?? "");
        Measure(outcome);
        if (outcome.End == RunEnd.Completed)
            await Delete(store.Layout.WorkOf(Stage));

        NotifyOfEnd();
    }

    private void Measure(RunOutcome outcome)
    {
        RunMeters.RunEnded(Stage, outcome, State.AskedAt is { } since ? time.GetUtcNow() - since : null);
        if (State.AskedAt is { } asked)
            RunTrace.Ended(State.Trace, Stage, asked, outcome, State.Attempts);
    }

    private Task<bool> HasArtefact() => Task.Run(() => store.Contains(Stage), CancellationToken.None);

    /// <summary>Deletes a folder below the store's work folder; what cannot be deleted now is only garbage.</summary>
    private async Task Delete(string folder)
    {
        if (!folder.StartsWith(store.Layout.Work + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            return;

        try
        {
            await Task.Run(
                () =>
                {
                    if (Directory.Exists(folder))
                        Directory.Delete(folder, recursive: true);
                },
                CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotDeleted(e, folder);
        }
    }
}
