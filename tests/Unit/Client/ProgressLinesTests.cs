using Orchestrator.Abstractions;
using Orchestrator.Client.Display;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Contracts.Runs;
using Xunit;

namespace Orchestrator.Unit.Client;

public sealed class ProgressLinesTests
{
    private static readonly RunProgress Half = new(50, 100, 5_000, 1_000, 2.5, null, "training");
    private readonly List<string> _lines = [];

    [Fact]
    public void Show_OfAStageAtARung_IsNoNews_AndThatItWasStoppedIs()
    {
        using var lines = new ProgressLines(_lines.Add, TimeProvider.System);
        lines.Show(Status(StagePhase.AtRung, reason: "waits at 25 %: 3 of 8 have not come there"));
        Assert.Empty(_lines);

        lines.Show(Status(StagePhase.Stopped, reason: "stopped early at 25 % of its tokens: it is 5th of 8, 4 go on"));
        Assert.EndsWith("model: stopped early at 25 % of its tokens: it is 5th of 8, 4 go on", Assert.Single(_lines), StringComparison.Ordinal);
        var status = Status(StagePhase.Stopped, reason: "needs dictionary 512, stopped early");
        lines.Show(status with { Stages = [status.Stages[0] with { Key = new StageKey("analysis-1") }] });
        Assert.Single(_lines); // what follows is no news either
    }

    [Fact]
    public void Stages_AreToldWhenTheyChangeAndNotAgain()
    {
        var lines = new ProgressLines(_lines.Add, TimeProvider.System);
        lines.Show(Status(StagePhase.Blocked));
        lines.Show(Status(StagePhase.Running));
        lines.Show(Status(StagePhase.Running));
        lines.Show(Status(StagePhase.Running, attempts: 2));
        lines.Show(Status(StagePhase.Completed, attempts: 2));
        Assert.Equal(["model: running", "model: attempt 2", "model: completed"], _lines.Select(line => line[(line.IndexOf(']') + 2)..]));
    }

    [Fact]
    public void Failures_AreToldWithTheirReason()
    {
        new ProgressLines(_lines.Add, TimeProvider.System).Show(Status(StagePhase.Failed, reason: "the loss is NaN"));
        Assert.EndsWith("model: failed: the loss is NaN", Assert.Single(_lines), StringComparison.Ordinal);
    }

    [Fact]
    public void Describe_TellsStepRateLossAndWhatRemains() =>
        Assert.Equal("training, step 50/100, 1,000 tokens/s, loss 2.500, 5 s left", ProgressLines.Describe(Half));

    [Fact]
    public void Remaining_WithoutThroughput_IsNotKnown() => Assert.Null(RunEstimate.Remaining(Half with { TokensPerSecond = 0 }));

    private static ExperimentStatus Status(StagePhase phase, int attempts = 1, string? reason = null) => new(
        new ExperimentId("e-1"), "e", ExperimentPhase.Running, DateTimeOffset.UnixEpoch, null,
        [new StageStatus(new StageKey("model-1"), "model", phase, phase == StagePhase.Running ? Half : null, attempts, reason)], null);
}
