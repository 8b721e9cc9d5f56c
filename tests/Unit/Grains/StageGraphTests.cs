using Orchestrator.Abstractions;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Grains.Experiments;
using Xunit;

namespace Orchestrator.Unit.Grains;

public sealed class StageGraphTests
{
    [Fact]
    public void Ready_IsWhatIsBlockedByNothing()
    {
        StageRecord[] stages = [Stage("a", StagePhase.Cached), Stage("b", StagePhase.Blocked, "a"), Stage("c", StagePhase.Blocked, "a", "b")];
        Assert.Equal("b", Assert.Single(StageGraph.Ready(stages)).Plan.Key.Value);
    }

    [Fact]
    public void FailDependents_ReachesThroughTheGraph_AndLeavesOthersAlone()
    {
        StageRecord[] stages =
        [
            Stage("a", StagePhase.Failed),
            Stage("b", StagePhase.Blocked, "a"),
            Stage("c", StagePhase.Blocked, "b"),
            Stage("d", StagePhase.Blocked),
        ];
        stages[0].Reason = "it diverged";

        Assert.True(StageGraph.FailDependents(stages));

        Assert.Equal([StagePhase.Failed, StagePhase.Failed, StagePhase.Failed, StagePhase.Blocked], stages.Select(stage => stage.Phase));
        Assert.Contains("it diverged", stages[2].Reason);
        Assert.False(StageGraph.FailDependents(stages));
    }

    [Fact]
    public void Jobs_GroupAStream_UnderAnIdThatDependsOnlyOnTheStages()
    {
        StageRecord[] stages = [Stage("a", StagePhase.Queued), Stage("b", StagePhase.Queued), Stage("c", StagePhase.Queued)];
        stages[0].Plan = stages[0].Plan with { Stream = "s" };
        stages[2].Plan = stages[2].Plan with { Stream = "s" };

        var jobs = StageGraph.Jobs(new ExperimentId("e"), stages).ToList();
        var reversed = StageGraph.Jobs(new ExperimentId("f"), stages.Reverse()).ToList();

        Assert.Equal([["a", "c"], ["b"]], jobs.Select(job => job.Stages.Select(stage => stage.Key.Value)));
        Assert.Equal(jobs.Select(job => job.Id).Order(), reversed.Select(job => job.Id).Order());
        Assert.Equal(2, jobs.DistinctBy(job => job.Id).Count());
    }

    [Theory]
    [InlineData(null, StagePhase.Completed, StagePhase.Running)]
    [InlineData(ExperimentPhase.Completed, StagePhase.Completed, StagePhase.Cached)]
    [InlineData(ExperimentPhase.Failed, StagePhase.Completed, StagePhase.Failed)]
    [InlineData(ExperimentPhase.Cancelled, StagePhase.Failed, StagePhase.Cancelled)]
    public void End_FollowsFromAllStages(ExperimentPhase? expected, params StagePhase[] phases) =>
        Assert.Equal(expected, StageGraph.End([.. phases.Select((phase, index) => Stage($"{index}", phase))]));

    private static StageRecord Stage(string key, StagePhase phase, params string[] dependsOn) => new()
    {
        Plan = new PlannedStage(new StageKey(key), $"stage {key}", "{}", [.. dependsOn.Select(name => new StageKey(name))], null),
        Phase = phase,
    };
}
