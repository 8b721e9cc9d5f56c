using System.Diagnostics;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Results;
using Orchestrator.Contracts.Runs;
using Orchestrator.Contracts.Scheduling;
using Orchestrator.Planning.Estimates;

namespace Orchestrator.Silo.Stages;

/// <summary>Writes into each artefact how long its job took so far, for estimates of the next ones.</summary>
/// <param name="inner">Gets every call.</param>
/// <param name="job">Begins now.</param>
/// <param name="device"><c>cpu</c>, <c>cuda:0</c>.</param>
public sealed class TimedReporter(IJobReporter inner, JobRequest job, string device) : IJobReporter
{
    private readonly long _began = Stopwatch.GetTimestamp();

    /// <summary>Some of the work was done before: the time would be that of the rest.</summary>
    private bool _isResumed;

    public CheckpointRef? CheckpointOf(StageKey stage)
    {
        var checkpoint = inner.CheckpointOf(stage);
        _isResumed |= checkpoint is not null;
        return checkpoint;
    }

    public IReadOnlyList<double> RungsOf(StageKey stage) => inner.RungsOf(stage);

    public bool ReportRung(StageKey stage, RungResult result) => inner.ReportRung(stage, result);

    public void Progress(StageKey stage, RunProgress progress) => inner.Progress(stage, progress);

    public string NewCheckpointFolder(StageKey stage, long step) => inner.NewCheckpointFolder(stage, step);

    public void CommitCheckpoint(StageKey stage, CheckpointRef checkpoint) => inner.CommitCheckpoint(stage, checkpoint);

    public string NewWorkFolder(StageKey stage) => inner.NewWorkFolder(stage);

    public void CommitResult(StageKey stage, string workFolder)
    {
        if (!_isResumed)
        {
            ResultJson.Write(Path.Combine(workFolder, StageTiming.FileName), new StageTiming
            {
                Device = device.Split(':', 2)[0],
                Seconds = Stopwatch.GetElapsedTime(_began).TotalSeconds,
                Job = job.Id,
                Stages = job.Stages.Count,
            });
        }

        inner.CommitResult(stage, workFolder);
    }

    public void Fail(StageKey stage, FailureClass failure, string reason) => inner.Fail(stage, failure, reason);

    public void Abandon(FailureClass failure, string reason) => inner.Abandon(failure, reason);
}
