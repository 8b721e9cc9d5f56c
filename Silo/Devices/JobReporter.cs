using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orchestrator.Abstractions;
using Orchestrator.Contracts.Runs;
using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Telemetry;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Silo.Stages;

namespace Orchestrator.Silo.Devices;

/// <summary>
/// The way from the device thread to the grains. Calls block, and are sent again while the control silo cannot be reached
/// or cannot write, until the lease is lost.
/// </summary>
public sealed partial class JobReporter(
    RunningJob job,
    IGrainFactory grains,
    StoreLayout layout,
    DeviceIdentity device,
    DeviceOptions options,
    TimeSpan leaseTtl,
    TimeProvider time,
    ILogger<JobReporter> logger) : IJobReporter, IDisposable
{
    private readonly ILogger _logger = logger;
    private readonly Dictionary<StageKey, CheckpointRef?> _unfinished = [];
    private readonly Dictionary<StageKey, IReadOnlyList<double>> _rungs = [];
    private readonly ConcurrentDictionary<StageKey, bool> _progressInFlight = [];
    private readonly Dictionary<StageKey, long> _progressSent = [];
    private readonly Dictionary<StageKey, long> _tokens = [];
    private readonly AttemptSpans _spans = new(device.Name, job.Epoch);

    private ISchedulerGrain Scheduler => grains.GetGrain<ISchedulerGrain>(ISchedulerGrain.DefaultPool);

    /// <summary>Whether every stage has its result, has failed for good, or waits at a rung.</summary>
    public bool IsFinished => _unfinished.Count == 0;

    /// <summary>Announces the lease to all runs.</summary>
    /// <returns>The stages that are still to be computed.</returns>
    /// <exception cref="LeaseLostException">There is a newer lease.</exception>
    public IReadOnlyList<JobStage> Begin()
    {
        var open = new List<JobStage>();
        foreach (var stage in job.Assignment.Job.Stages)
        {
            var start = Begin(stage.Key);
            if (start.Outcome == CommitOutcome.AlreadyComplete || start.IsHeld)
                continue;

            _unfinished[stage.Key] = start.Checkpoint;
            _rungs[stage.Key] = start.Rungs;
            _spans.Begin(stage.Key, start);
            open.Add(stage);
        }

        return open;
    }

    /// <summary>From the newest checkpoint that is what was committed.</summary>
    private RunStart Begin(StageKey stage)
    {
        while (true)
        {
            var start = Call($"the start of {stage}", () => Run(stage).Begin(job.Epoch, CancellationToken.None));
            RequireLease(stage, start.Outcome);
            if (start.Checkpoint is not { } checkpoint || Tear(checkpoint) is not { } tear)
                return start;

            RequireLease(stage, Call(
                $"that the checkpoint of {stage} at step {checkpoint.Step} is torn",
                () => Run(stage).RejectCheckpoint(job.Epoch, checkpoint, tear, CancellationToken.None)));
        }
    }

    /// <summary>What is wrong with a checkpoint; null: nothing.</summary>
    private static string? Tear(CheckpointRef checkpoint)
    {
        if (checkpoint.Fingerprint is not { } committed)
            return null;

        try
        {
            var found = FolderFingerprint.Compute(checkpoint.Folder);
            return found == committed ? null : $"{checkpoint.Folder} has fingerprint {found[..12]}, committed was {committed[..12]}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    public CheckpointRef? CheckpointOf(StageKey stage) => _unfinished.GetValueOrDefault(stage);

    public IReadOnlyList<double> RungsOf(StageKey stage) => _rungs.GetValueOrDefault(stage, []);

    public bool ReportRung(StageKey stage, RungResult result)
    {
        var answer = Call(
            $"what {stage} was worth at step {result.Step}",
            () => Run(stage).ReportRung(job.Epoch, result, CancellationToken.None));
        RequireLease(stage, answer.Outcome);
        if (answer.IsHeld)
        {
            _spans.End(stage, null);
            _unfinished.Remove(stage);
        }

        return answer.IsHeld;
    }

    public void Progress(StageKey stage, RunProgress progress)
    {
        Count(stage, progress.Tokens);
        var now = time.GetTimestamp();
        if (_progressSent.TryGetValue(stage, out var sent) && time.GetElapsedTime(sent, now) < options.ProgressInterval)
            return;

        if (_progressInFlight.TryAdd(stage, true))
        {
            _progressSent[stage] = now;
            _ = Send(stage, progress);
        }
    }

    public string NewCheckpointFolder(StageKey stage, long step) => NewFolder(stage, $"e{job.Epoch}-s{step}");

    public void CommitCheckpoint(StageKey stage, CheckpointRef checkpoint)
    {
        checkpoint = checkpoint with { Fingerprint = FolderFingerprint.Compute(checkpoint.Folder) };
        var outcome = Call(
            $"the checkpoint of {stage} at step {checkpoint.Step}",
            () => Run(stage).CommitCheckpoint(job.Epoch, checkpoint, CancellationToken.None));
        RequireLease(stage, outcome);
        _spans.Checkpoint(stage, checkpoint.Step);
        if (_unfinished.ContainsKey(stage))
            _unfinished[stage] = checkpoint;
    }

    public string NewWorkFolder(StageKey stage) => NewFolder(stage, $"e{job.Epoch}-result");

    public void CommitResult(StageKey stage, string workFolder)
    {
        var outcome = Call(
            $"the result of {stage}", () => Run(stage).CommitResult(job.Epoch, workFolder, CancellationToken.None));
        RequireLease(stage, outcome);
        _spans.End(stage, RunOutcome.Completed);
        _unfinished.Remove(stage);
    }

    public void Fail(StageKey stage, FailureClass failure, string reason)
    {
        End(stage, RunOutcome.Failed(failure, reason));
        _unfinished.Remove(stage);
    }

    public void Abandon(FailureClass failure, string reason)
    {
        LogAbandoned(job.Assignment.Job.Id, reason);
        try
        {
            EndUnfinished(RunOutcome.Failed(failure, reason));
            Call(
                "that the device goes away",
                () => Scheduler.Unregister(device.Name, device.Incarnation, CancellationToken.None));
        }
        catch (Exception e)
        {
            LogNotTold(e, "the end of the job"); // its lease will expire
        }

        ProcessEnding.AtOnce();
    }

    /// <summary>Tells the runs of all stages without a result how the attempt ended.</summary>
    public void EndUnfinished(RunOutcome outcome)
    {
        foreach (var stage in _unfinished.Keys)
            End(stage, outcome with { IsInCompany = _unfinished.Count > 1 });
    }

    /// <summary>Deletes what this attempt wrote and did not commit.</summary>
    public void Discard()
    {
        foreach (var (stage, checkpoint) in _unfinished)
        {
            var work = layout.WorkOf(stage);
            var own = Directory.Exists(work) ? Directory.GetDirectories(work, $"e{job.Epoch}-*") : [];
            foreach (var folder in own.Where(folder => folder != checkpoint?.Folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Says again what the device is like: there may be too little room for a next job.</summary>
    public void Register() => Call(
        "the state of the device",
        () => Scheduler.Register(device.Info, CancellationToken.None));

    /// <summary>Nothing more is done under this lease.</summary>
    public void Dispose() => _spans.EndAll();

    /// <summary>Gives the device back.</summary>
    public void Release() => Call(
        "the release of the device",
        () => Scheduler.Release(device.Name, device.Incarnation, job.Epoch, CancellationToken.None));

    /// <summary>Gives the device back with the job unfinished: it goes on from its checkpoint later.</summary>
    public void Yield() => Call(
        "that the device was made free",
        () => Scheduler.Yielded(device.Name, device.Incarnation, job.Epoch, CancellationToken.None));

    private static bool IsTransient(Exception exception) =>
        exception is TimeoutException or OrleansException;

    private void End(StageKey stage, RunOutcome outcome)
    {
        _spans.End(stage, outcome);
        Call($"the end of {stage}", () => Run(stage).EndAttempt(job.Epoch, outcome, CancellationToken.None));
    }

    /// <summary>A run that goes on from a checkpoint begins to count there.</summary>
    private void Count(StageKey stage, long tokens)
    {
        var before = _tokens.GetValueOrDefault(stage, CheckpointOf(stage) is null ? 0 : tokens);
        DeviceMeters.Went(device.Name, stage, tokens - before);
        _tokens[stage] = tokens;
    }

    private IStageRunGrain Run(StageKey stage) => grains.StageRun(stage);

    private void RequireLease(StageKey stage, CommitOutcome outcome)
    {
        if (outcome == CommitOutcome.Stale)
            throw new LeaseLostException($"{stage} refused lease {job.Epoch}: there is a newer one, or it has ended");
    }

    private string NewFolder(StageKey stage, string name)
    {
        var folder = Path.Combine(layout.WorkOf(stage), name);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true); // written in this lease, never committed

        Directory.CreateDirectory(folder);
        return folder;
    }

    private async Task Send(StageKey stage, RunProgress progress)
    {
        try
        {
            if (await Run(stage).Report(job.Epoch, progress, CancellationToken.None) == CommitOutcome.Stale)
                job.Lose($"{stage} refused progress of lease {job.Epoch}");
        }
        catch (Exception e)
        {
            LogProgressNotSent(e, stage);
        }
        finally
        {
            _progressInFlight.TryRemove(stage, out _);
        }
    }

    /// <summary>
    /// A process that was stopped wakes up on any thread: the one that commits must not be ahead of the one that renews.
    /// </summary>
    private void StopWithoutRenewal()
    {
        var sent = time.GetTimestamp();
        var silence = time.GetElapsedTime(job.RenewedAt, sent);
        if (silence < leaseTtl / 2)
            return;

        try
        {
            var renewal = Scheduler.Renew(device.Name, device.Incarnation, job.Epoch, CancellationToken.None);
            if (renewal.WaitAsync(leaseTtl / 2, time, job.LostToken).GetAwaiter().GetResult())
                job.Renewed(sent);
            else
                job.Lose("the scheduler no longer knows the lease");
        }
        catch (Exception e) when (IsTransient(e) || e is OperationCanceledException)
        {
            job.Lose(FormattableString.Invariant($"it could not be renewed for {silence.TotalSeconds:0.0} s"));
        }
    }

    private void Call(string what, Func<Task> call) => Call(
        what,
        async () =>
        {
            await call();
            return true;
        });

    private T Call<T>(string what, Func<Task<T>> call)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            StopWithoutRenewal();
            if (job.LostToken.IsCancellationRequested)
                throw new LeaseLostException(job.LossReason);

            try
            {
                return call().WaitAsync(options.CommitTimeout, time, job.LostToken).GetAwaiter().GetResult();
            }
            catch (OperationCanceledException) when (job.LostToken.IsCancellationRequested)
            {
                throw new LeaseLostException(job.LossReason);
            }
            catch (Exception e) when (IsTransient(e) && time.GetElapsedTime(started) < options.GiveUpAfter)
            {
                LogRetry(e, what);
                job.LostToken.WaitHandle.WaitOne(options.RetryDelay);
            }
        }
    }
}
