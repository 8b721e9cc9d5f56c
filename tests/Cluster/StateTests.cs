using Orchestrator.Abstractions;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Contracts.Runs;
using Xunit;

namespace Orchestrator.Cluster;

/// <summary>What grains promise about their state, whichever silo hosts them.</summary>
public sealed class StateTests(TwoControlSilos silos) : IClassFixture<TwoControlSilos>
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task Add_OfManyExperimentsAtOnce_ListsEachOnce()
    {
        var index = silos.Grains.GetGrain<IExperimentIndexGrain>(IExperimentIndexGrain.Key);
        var ids = Enumerable.Range(0, 40).Select(n => new ExperimentId($"many-{n:D8}")).ToList();

        await Task.WhenAll(ids.Concat(ids).Select(id => index.Add(id, None)));

        Assert.Equal(ids.Order(Comparer<ExperimentId>.Create((a, b) => string.CompareOrdinal(a.Value, b.Value))),
            (await index.List(None)).Order(Comparer<ExperimentId>.Create((a, b) => string.CompareOrdinal(a.Value, b.Value))));
    }

    [Fact]
    public async Task Commits_OfAStaleEpoch_AreRefused_AlsoAfterTheirSiloIsLost()
    {
        var plan = new Plan(512, 1_024, 2_048);
        var runs = plan.Stages.Select(stage => (Stage: stage, Run: silos.Grains.StageRun(stage.Key))).ToList();
        foreach (var (stage, run) in runs)
        {
            await run.Await(new ExperimentId("test-1"), stage, None);
            Assert.Equal(CommitOutcome.Accepted, (await run.Begin(7, None)).Outcome);
            Assert.Equal(CommitOutcome.Accepted, await run.CommitCheckpoint(7, Checkpoint(stage, 7), None));
            Assert.Equal(CommitOutcome.Accepted, (await run.Begin(8, None)).Outcome);
        }

        await silos.KillSecond(); // whichever runs it hosted come back on the other, from the database

        foreach (var (stage, run) in runs)
        {
            Assert.Equal(CommitOutcome.Stale, await run.CommitCheckpoint(7, Checkpoint(stage, 99), None));
            Assert.Equal(CommitOutcome.Stale, await run.CommitResult(7, silos.Layout.WorkOf(stage.Key), None));
            Assert.Equal(CommitOutcome.Stale, (await run.Begin(7, None)).Outcome);
            var status = await run.GetStatus(None);
            Assert.Equal((8, 2, 7), (status.Epoch, status.Attempts, status.Checkpoint!.Step));
            Assert.Null(status.Outcome);
        }
    }

    private CheckpointRef Checkpoint(PlannedStage stage, long step)
    {
        var folder = Path.Combine(silos.Layout.WorkOf(stage.Key), $"s{step}");
        Directory.CreateDirectory(folder);
        return new CheckpointRef(step, folder);
    }
}
