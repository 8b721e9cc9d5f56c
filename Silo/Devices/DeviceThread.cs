using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orchestrator.Contracts.Runs;
using Orchestrator.Contracts.Scheduling;
using Orchestrator.Silo.Logging;
using Orchestrator.Silo.Stages;

namespace Orchestrator.Silo.Devices;

/// <summary>
/// The one thread on which a device computes, one job after the other. Not of the pool: a job takes hours, and tensors
/// belong to the thread that made them.
/// </summary>
public sealed partial class DeviceThread : IDisposable
{
    private readonly BlockingCollection<RunningJob> _jobs = [];
    private readonly IJobRunner _runner;
    private readonly JobReporterFactory _reporters;
    private readonly StoreRoom _room;
    private readonly TimeProvider _time;
    private readonly ILogger<DeviceThread> _logger;
    private readonly Thread _thread;
    private readonly Lock _lock = new();
    private RunningJob? _current;
    private bool _stopping;

    public DeviceThread(IJobRunner runner, JobReporterFactory reporters, DeviceIdentity device, StoreRoom room, TimeProvider time, ILogger<DeviceThread> logger)
    {
        _time = time;
        _room = room;
        _runner = runner;
        _reporters = reporters;
        _logger = logger;
        _thread = new Thread(Loop) { Name = $"device {device.Name}", IsBackground = true };
        _thread.Start();
    }

    /// <summary>The newest job that has not ended; null: the device is free.</summary>
    public RunningJob? Current
    {
        get
        {
            lock (_lock)
                return _current;
        }
    }

    /// <summary>Hands over a job. Whatever still runs under an older lease is no longer wanted.</summary>
    /// <exception cref="InvalidOperationException">The silo is stopping.</exception>
    public void Start(JobAssignment assignment)
    {
        lock (_lock)
        {
            if (_stopping)
                throw new InvalidOperationException("The silo of this device is stopping.");

            if (_current is { } current)
            {
                if (assignment.Epoch <= current.Epoch)
                    return; // the same message again, or a late one

                current.Lose($"the scheduler gave the device a new job under epoch {assignment.Epoch}");
            }

            _current = new RunningJob(assignment, _time.GetTimestamp());
            _jobs.Add(_current);
        }
    }

    /// <summary>Asks the job of this epoch to checkpoint and end as cancelled.</summary>
    public void Stop(long epoch)
    {
        if (Current is { } job && job.Epoch == epoch)
            job.Stop(StopReason.Cancelled);
    }

    /// <summary>Asks the job of this epoch to checkpoint and make room for another one.</summary>
    public void Yield(long epoch)
    {
        if (Current is { } job && job.Epoch == epoch)
            job.Stop(StopReason.Preempted);
    }

    /// <summary>Takes no more jobs and asks the present one to checkpoint.</summary>
    /// <returns>Whether the thread ended within the time.</returns>
    public bool Shutdown(TimeSpan grace)
    {
        lock (_lock)
        {
            _stopping = true;
            _current?.Stop(StopReason.Shutdown);
            _jobs.CompleteAdding();
        }

        return _thread.Join(grace);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _stopping = true;
            _current?.Lose("the silo has stopped");
            _jobs.CompleteAdding();
        }
    }

    private void Loop()
    {
        foreach (var job in _jobs.GetConsumingEnumerable())
        {
            try
            {
                Execute(job);
            }
            catch (Exception e)
            {
                LogNotConcluded(e, job.Assignment.Job.Id, job.Epoch); // the lease expires
            }
            finally
            {
                Vacate(job);
            }
        }
    }

    /// <summary>
    /// Done before the scheduler is told: its next job may arrive before its answer, and does not mean that this one was
    /// superseded.
    /// </summary>
    private void Vacate(RunningJob job)
    {
        lock (_lock)
        {
            if (_current == job)
                _current = null;
        }
    }

    private void Execute(RunningJob job)
    {
        using var scope = _logger.BeginScope(new RunScope(job.Assignment));
        LogStarted(job.Assignment.Job.Id, job.Epoch, job.Assignment.Job.Stages.Count);
        using var reporter = _reporters.Create(job);
        var outcome = Compute(job, reporter);
        if (job.Reason is StopReason.LeaseLost)
        {
            LogLost(job.Assignment.Job.Id, job.Epoch, job.LossReason);
            return;
        }

        if (outcome is not null)
        {
            LogEnded(job.Assignment.Job.Id, job.Epoch, outcome.End, outcome.Failure, outcome.Reason ?? "");
            Clear(outcome, reporter);
            reporter.EndUnfinished(outcome);
            Vacate(job);
            if (job.Reason != StopReason.Shutdown)
                reporter.Release(); // else the whole device is about to be unregistered: it must not get another job
        }
        else if (job.Reason == StopReason.Preempted)
        {
            reporter.EndUnfinished(RunOutcome.Failed(FailureClass.Preempted, "it made room for another job"));
            Vacate(job);
            reporter.Yield();
        }
    }

    /// <summary>Where the disk was full, the device waits for room before its next job, and the scheduler hears of it first.</summary>
    private void Clear(RunOutcome outcome, JobReporter reporter)
    {
        if (outcome.Failure != FailureClass.DiskFull)
        {
            _room.NoteRoom();
            return;
        }

        try
        {
            reporter.Discard();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotDiscarded(e);
        }

        _room.NoteFull();
        reporter.Register();
    }

    /// <summary>How the job ended; null: it goes on elsewhere, without this process' saying anything more.</summary>
    private RunOutcome? Compute(RunningJob job, JobReporter reporter)
    {
        try
        {
            var stages = reporter.Begin();
            if (stages.Count > 0)
                _runner.Run(job.Assignment.Job with { Stages = stages }, reporter, job.StopToken);

            return reporter.IsFinished
                ? RunOutcome.Completed
                : RunOutcome.Failed(FailureClass.Internal, "the stage ended without a result");
        }
        catch (LeaseLostException e)
        {
            job.Lose(e.Message);
            return null;
        }
        catch (OperationCanceledException) when (job.StopToken.IsCancellationRequested)
        {
            return job.Reason == StopReason.Cancelled ? RunOutcome.Cancelled : null;
        }
        catch (Exception e)
        {
            LogFailed(e, job.Assignment.Job.Id, job.Epoch);
            return FailureClassifier.Classify(e);
        }
    }
}
