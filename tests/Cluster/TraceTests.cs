using System.Collections.Concurrent;
using System.Diagnostics;
using Orchestrator.Grains.Telemetry;
using Xunit;

namespace Orchestrator.Cluster;

/// <summary>A run as a trace, over the silos and leases that it takes.</summary>
public sealed class TraceTests : IDisposable
{
    private readonly ConcurrentQueue<Activity> _spans = [];
    private readonly ActivityListener _listener;

    public TraceTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == TelemetrySource.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task ARun_IsOneTrace_FromTheDemandToItsResult()
    {
        await using var house = new House();
        await house.InitializeAsync();
        await house.AddDevice("cpu", job =>
        {
            job.Checkpoint(7);
            job.Complete();
        });
        var plan = new Plan(512);

        await house.Experiment("trace-1").Submit(plan.Submission, TestContext.Current.CancellationToken);
        await house.End("trace-1");

        await House.Eventually(() => Task.FromResult(Of("trace-1", plan.Model.Value).Count == 5));
        var spans = Of("trace-1", plan.Model.Value);
        var root = Assert.Single(spans, span => span.ParentId is null);
        Assert.Equal(("run asked for", "trace-1"), (root.OperationName, root.GetTagItem("experiment")));
        Assert.All(spans, span => Assert.Equal(root.TraceId, span.TraceId));
        Assert.Equal(["attempt", "publish", "queued", "run", "run asked for"], spans.Select(span => span.OperationName).Order());
        var attempt = spans.Single(span => span.OperationName == "attempt");
        Assert.Equal(("cpu", "completed"), (attempt.GetTagItem("device"), attempt.GetTagItem("end")));
        Assert.Equal(7L, Assert.Single(attempt.Events).Tags.Single(tag => tag.Key == "step").Value);
        var run = spans.Single(span => span.OperationName == "run");
        Assert.True(run.Duration >= attempt.Duration);
        Assert.NotEqual(root.TraceId, Of("trace-1", plan.Tokenizer.Value)[0].TraceId);
    }

    [Fact]
    public async Task AFailedRun_SaysWhy()
    {
        await using var house = new House();
        await house.InitializeAsync();
        await house.AddDevice("cpu", _ => throw new InvalidOperationException("the disk is made of cheese"));
        var plan = new Plan(512);

        await house.Experiment("trace-2").Submit(plan.Submission, TestContext.Current.CancellationToken);
        await house.End("trace-2");

        await House.Eventually(() => Task.FromResult(Of("trace-2", plan.Tokenizer.Value).Exists(span => span.OperationName == "run")));
        var run = Of("trace-2", plan.Tokenizer.Value).Single(span => span.OperationName == "run");
        Assert.Equal((ActivityStatusCode.Error, "failed"), (run.Status, run.GetTagItem("end")));
        Assert.Contains("made of cheese", run.StatusDescription);
    }

    /// <summary>The trace of a run that an experiment asked for; other tests run beside this one, and their plans are the same.</summary>
    private List<Activity> Of(string experiment, string run)
    {
        var root = _spans.FirstOrDefault(span => Equals(span.GetTagItem("run"), run) && Equals(span.GetTagItem("experiment"), experiment));
        return root is null ? [] : [.. _spans.Where(span => span.TraceId == root.TraceId)];
    }
}
