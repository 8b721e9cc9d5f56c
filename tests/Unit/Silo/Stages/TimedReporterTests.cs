using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Results;
using Orchestrator.Contracts.Runs;
using Orchestrator.Contracts.Scheduling;
using Orchestrator.Planning.Estimates;
using Orchestrator.Silo.Stages;
using Orchestrator.Unit.Planning;
using Xunit;

namespace Orchestrator.Unit.Silo.Stages;

public sealed class TimedReporterTests : IDisposable
{
    private static readonly StageKey First = new("dictionary-000000000001");
    private static readonly StageKey Second = new("dictionary-000000000002");

    private readonly TemporaryFolder _folder = new();
    private readonly RecordingJobReporter _inner;
    private readonly TimedReporter _timed;

    public TimedReporterTests()
    {
        _inner = new RecordingJobReporter(_folder.Path);
        _timed = new TimedReporter(_inner, new JobRequest("job-1", new ExperimentId("e"), [new JobStage(First, "{}"), new JobStage(Second, "{}")]), "cuda:1");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Result_SaysWhatItTook()
    {
        Assert.Null(_timed.CheckpointOf(First));
        _timed.CommitResult(First, _timed.NewWorkFolder(First));

        var timing = ResultJson.Read<StageTiming>(Path.Combine(_inner.Results[First], StageTiming.FileName));
        Assert.Equal(("cuda", "job-1", 2), (timing.Device, timing.Job, timing.Stages));
        Assert.InRange(timing.Seconds, 0, 600);
    }

    [Fact]
    public void Result_OfWorkThatWasResumed_SaysNothing()
    {
        _inner.CommitCheckpoint(Second, new CheckpointRef(5, _folder.Path));
        Assert.NotNull(_timed.CheckpointOf(Second));
        _timed.CommitResult(First, _timed.NewWorkFolder(First));

        Assert.False(File.Exists(Path.Combine(_inner.Results[First], StageTiming.FileName)));
    }
}
