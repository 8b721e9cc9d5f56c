using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Contracts.Runs;
using Xunit;

namespace Orchestrator.Cluster;

/// <summary>Dictionaries that compete at rungs, with scripts in place of trainings.</summary>
public sealed class EarlyStopTests
{
    private static readonly EarlyStop Halving = new("loss_recovered", [0.25, 0.5], 0.5);

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task Halving_StopsTheWorst_AndTheRestIsComputedAsOneAttempt()
    {
        await using var house = new House();
        await house.InitializeAsync();
        var plan = Plan.Competing(Halving, 128, 256, 512, 1_024);
        await house.AddDevice("cpu", job => job.Train(Worth(plan, 0.5, 0.9, 0.7, 0.8)));

        await house.Experiment("a-1").Submit(plan.Submission, None);
        var status = await house.End("a-1");

        Assert.Equal(ExperimentPhase.Completed, status.Phase);
        var dictionaries = plan.Dictionaries.ConvertAll(key => status.Stages.Single(stage => stage.Key == key));
        Assert.Equal([StagePhase.Stopped, StagePhase.Completed, StagePhase.Stopped, StagePhase.Stopped], dictionaries.Select(stage => stage.Phase));
        Assert.Equal(
            [
                "stopped early at 25 % of its tokens: loss_recovered 0.5 is 4th of 4, 2 go on",
                "stopped early at 25 % of its tokens: loss_recovered 0.7 is 3rd of 4, 2 go on",
                "stopped early at 50 % of its tokens: loss_recovered 0.8 is 2nd of 2, 1 goes on",
            ],
            dictionaries.Where(stage => stage.Phase == StagePhase.Stopped).Select(stage => stage.Reason));
        Assert.All(dictionaries, stage => Assert.Equal(1, stage.Attempts));
        Assert.Equal([false, true, false, false], plan.Dictionaries.Select(house.Store.Contains));

        // Of one dictionary that was stopped, and of sizes of which one is left: there is nothing to ask.
        Assert.All([plan.Analysis, plan.Sizes], key => Assert.Equal(StagePhase.Stopped, status.Stages.Single(stage => stage.Key == key).Phase));
        Assert.Contains($"dictionary ({plan.Dictionaries[0]})", status.Stages.Single(stage => stage.Key == plan.Analysis).Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(status.Stages, stage => stage.Replaces is not null);
        Assert.Equal([(0.25, 4, 2), (0.5, 2, 1)], Assert.Single(house.Reporter.Finished).Rungs.Select(rung => (rung.Rung, rung.Places.Count, rung.Kept)));
    }

    [Fact]
    public async Task AnalysisOfSeveral_IsAskedOfThoseThatAreLeft_AndTheSameSubmissionGoesOn()
    {
        await using var house = new House();
        await house.InitializeAsync();
        var plan = Plan.Competing(Halving with { Rungs = [0.25] }, 128, 256, 512, 1_024);
        using var gate = new ManualResetEventSlim();
        await house.AddDevice("cpu", job =>
        {
            if (job.Request.Stages[0].Key.Value.StartsWith("analysis-", StringComparison.Ordinal))
                gate.Wait(job.Stop);

            job.Train(Worth(plan, 0.5, 0.9, 0.7, 0.8));
        });

        await house.Experiment("a-1").Submit(plan.Submission, None);
        await House.Eventually(async () => (await Status(house, "a-1")).Stages.Any(stage => stage.Replaces is not null));
        await house.Experiment("a-1").Submit(plan.Submission, None); // the same again, although something took a place
        gate.Set();
        var status = await house.End("a-1");

        Assert.Equal(ExperimentPhase.Completed, status.Phase);
        var replacement = Assert.Single(status.Stages, stage => stage.Replaces is not null);
        Assert.Equal((plan.Sizes, StagePhase.Completed), (replacement.Replaces, replacement.Phase));
        var definition = Assert.IsType<AnalysisStage>(house.Reporter.Finished.Last().Stages.Single(stage => stage.Key == replacement.Key).Definition);
        Assert.Equal([plan.Dictionaries[1], plan.Dictionaries[3]], definition.Dictionaries);
        Assert.Equal([plan.Model], definition.Models);
        Assert.Contains(replacement.Key.Value, status.Stages.Single(stage => stage.Key == plan.Sizes).Reason, StringComparison.Ordinal);
        Assert.Single(house.Reporter.Finished);
    }

    [Fact]
    public async Task ExperimentThatWantsTheWholeDictionary_DoesNotWaitForAnothersDecision()
    {
        await using var house = new House();
        await house.InitializeAsync();
        var plan = Plan.Competing(Halving with { Rungs = [0.25] }, 128, 256);
        var other = Plan.Competing(Halving with { Rungs = [0.25] }, 256, 512);
        using var gate = new ManualResetEventSlim();
        await house.AddDevice("cpu", job =>
        {
            if (job.Request.Stages[0].Key == plan.Model)
                gate.Wait(job.Stop); // until both have submitted

            job.Train(key => key == plan.Dictionaries[1] ? 0.1 : 0.9); // worst of both
        });

        await house.Experiment("halving-1").Submit(plan.Submission, None);
        await house.Experiment("whole-1").Submit(other.Whole, None);
        gate.Set();
        var (halving, whole) = (await house.End("halving-1"), await house.End("whole-1"));

        Assert.All(whole.Stages, stage => Assert.True(stage.Phase is StagePhase.Completed or StagePhase.Cached, stage.ToString()));
        Assert.Equal(ExperimentPhase.Completed, halving.Phase);
        Assert.True(house.Store.Contains(plan.Dictionaries[1]));
        Assert.Equal(1, (await house.Run(plan.Dictionaries[1])).Attempts);
    }

    [Fact]
    public async Task ControlSilo_ThatStopsBetweenReportsAndDecision_DecidesTheSameAfterwards()
    {
        await using var house = new House();
        await house.InitializeAsync();
        var plan = Plan.Competing(Halving with { Rungs = [0.25] }, 128, 256, 512);
        var slow = plan.Dictionaries[2];
        var worth = Worth(plan, 0.7, 0.5, 0.9);
        var device = await house.AddDevice("cpu", job =>
        {
            job.Only(key => key != slow).Train(worth);
            if (job.Request.Stages.Any(stage => stage.Key == slow))
            {
                job.Stop.WaitHandle.WaitOne();
                job.Stop.ThrowIfCancellationRequested();
            }
        });
        await house.Experiment("a-1").Submit(plan.Submission, None);
        await House.Eventually(async () => (await Status(house, "a-1")).Stages.Count(stage => stage.Phase == StagePhase.AtRung) == 2);
        Assert.All(
            (await Status(house, "a-1")).Stages.Where(stage => stage.Phase == StagePhase.AtRung),
            stage => Assert.Equal("waits at 25 %: 1 of 3 has not come there", stage.Reason));

        await device.Stop();
        await house.StopControl();
        await house.StartControl();
        Assert.Equal(0.25, (await house.Run(plan.Dictionaries[1])).HeldAt);
        var after = await house.AddDevice("cpu", job => job.Train(worth));
        var status = await house.End("a-1");

        Assert.Equal(
            [StagePhase.Completed, StagePhase.Stopped, StagePhase.Completed],
            plan.Dictionaries.Select(key => status.Stages.Single(stage => stage.Key == key).Phase));
        Assert.DoesNotContain(after.Jobs.SelectMany(job => job.Stages), stage => stage.Key == plan.Dictionaries[1]); // it was not even queued
    }

    [Fact]
    public async Task LargerField_DecidesAgainFromWhatIsKnown()
    {
        await using var house = new House();
        await house.InitializeAsync();
        var measured = new System.Collections.Concurrent.ConcurrentQueue<StageKey>();
        var plan = Plan.Competing(Halving with { Rungs = [0.25] }, 128, 256);
        var larger = Plan.Competing(Halving with { Rungs = [0.25] }, 128, 256, 512, 1_024);
        var worth = Worth(larger, 0.9, 0.7, 0.1, 0.2);
        await house.AddDevice("cpu", job => job.Train(key =>
        {
            measured.Enqueue(key);
            return worth(key);
        }));

        await house.Experiment("a-1").Submit(plan.Submission, None);
        Assert.Equal(StagePhase.Stopped, (await house.End("a-1")).Stages.Single(stage => stage.Key == plan.Dictionaries[1]).Phase);
        await house.Experiment("a-1").Submit(plan.Submission, None);
        Assert.Equal(StagePhase.Stopped, (await house.End("a-1")).Stages.Single(stage => stage.Key == plan.Dictionaries[1]).Phase);
        await house.Experiment("b-1").Submit(larger.Submission, None);
        var status = await house.End("b-1");

        Assert.Equal(
            [StagePhase.Cached, StagePhase.Completed, StagePhase.Stopped, StagePhase.Stopped],
            larger.Dictionaries.Select(key => status.Stages.Single(stage => stage.Key == key).Phase));
        Assert.Equal(4, measured.Count); // each once
        Assert.Equal(1, (await house.Run(plan.Dictionaries[1])).Attempts);
    }

    [Fact]
    public async Task FailedDictionary_DoesNotCount()
    {
        await using var house = new House();
        await house.InitializeAsync();
        var plan = Plan.Competing(Halving with { Rungs = [0.25] }, 128, 256, 512);
        await house.AddDevice("cpu", job =>
        {
            foreach (var stage in job.Request.Stages.Where(stage => stage.Key == plan.Dictionaries[1]))
                job.Reporter.Fail(stage.Key, FailureClass.Diverged, "the loss is NaN");

            job.Only(key => key != plan.Dictionaries[1]).Train(Worth(plan, 0.9, 0, 0.5));
        });

        await house.Experiment("a-1").Submit(plan.Submission, None);
        var status = await house.End("a-1");

        Assert.Equal(
            [StagePhase.Completed, StagePhase.Failed, StagePhase.Stopped],
            plan.Dictionaries.Select(key => status.Stages.Single(stage => stage.Key == key).Phase));
        Assert.Contains("2nd of 2", status.Stages.Single(stage => stage.Key == plan.Dictionaries[2]).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancel_EndsWhatWaitsAtARung()
    {
        await using var house = new House();
        await house.InitializeAsync();
        var plan = Plan.Competing(Halving with { Rungs = [0.25] }, 128, 256);
        await house.AddDevice("cpu", job =>
        {
            job.Only(key => key != plan.Dictionaries[1]).Train(_ => 0.5);
            if (job.Request.Stages.Any(stage => stage.Key == plan.Dictionaries[1]))
            {
                job.Stop.WaitHandle.WaitOne(); // the other one is not there yet
                job.Stop.ThrowIfCancellationRequested();
            }
        });
        await house.Experiment("a-1").Submit(plan.Submission, None);
        await House.Eventually(async () => (await Status(house, "a-1")).Stages.Any(stage => stage.Phase == StagePhase.AtRung));

        await house.Experiment("a-1").Cancel(None);

        Assert.Equal(ExperimentPhase.Cancelled, (await house.End("a-1")).Phase);
    }

    [Fact]
    public async Task Rungs_OfARun_HoldWhereEverybodyHasYetToDecide()
    {
        await using var house = new House();
        await house.InitializeAsync();
        var plan = Plan.Competing(Halving, 128, 256);
        var stage = plan.Stage(plan.Dictionaries[0]);
        var run = house.Grains.StageRun(stage.Key);
        var (first, second, whole) = (new ExperimentId("first-1"), new ExperimentId("second-1"), new ExperimentId("whole-1"));
        await run.Await(first, stage, None);
        Assert.Equal([0.25, 0.5], (await run.Begin(3, None)).Rungs);
        Assert.Equal(CommitOutcome.Accepted, (await run.Begin(5, None)).Outcome);
        var result = new RungResult(0.25, 25, new Dictionary<string, double> { ["loss_recovered"] = 0.5 });

        // An older lease has nothing to say.
        Assert.Equal(new RungAnswer(CommitOutcome.Stale, false), await run.ReportRung(3, result, None));
        Assert.Empty((await run.GetStatus(None)).Rungs);

        // Held, and told again where the answer was lost; a late progress of that job is no reason to stop it.
        Assert.Equal(new RungAnswer(CommitOutcome.Accepted, true), await run.ReportRung(5, result, None));
        Assert.Equal(new RungAnswer(CommitOutcome.Accepted, true), await run.ReportRung(5, result, None));
        Assert.Equal(CommitOutcome.Accepted, await run.Report(5, new RunProgress(24, 100, 3, 4, null, null, "training"), None));
        Assert.Equal(CommitOutcome.Stale, await run.CommitCheckpoint(5, new CheckpointRef(26, house.Layout.WorkOf(stage.Key)), None));
        var status = await run.GetStatus(None);
        Assert.Equal((0.25, 0.5, 2, null), (status.HeldAt, Assert.Single(status.Rungs).Metrics["loss_recovered"], status.Attempts, status.Outcome));
        Assert.True((await run.Begin(6, None)).IsHeld);

        // Another one that has yet to decide changes nothing; one that wants it whole does, until it leaves.
        await run.Await(second, stage, None);
        Assert.True((await run.Begin(6, None)).IsHeld);
        await run.Await(whole, stage with { EarlyStop = null }, None);
        Assert.Null((await run.GetStatus(None)).HeldAt);
        await run.Leave(whole, None);
        Assert.Equal(0.25, (await run.GetStatus(None)).HeldAt);

        // Let go on once, it goes on as the same attempt, and is not measured there again.
        Assert.False(await run.Pass(whole, 0.25, None));
        Assert.True(await run.Pass(first, 0.25, None));
        Assert.True(await run.Pass(first, 0.25, None));
        var start = await run.Begin(6, None);
        Assert.Equal((CommitOutcome.Accepted, false), (start.Outcome, start.IsHeld));
        Assert.Equal([0.5], start.Rungs);
        Assert.Equal(2, (await run.GetStatus(None)).Attempts);

        // The second has decided nothing, the first nothing about the next rung.
        Assert.True((await run.ReportRung(6, new RungResult(0.5, 50, result.Metrics), None)).IsHeld);
    }

    private static async Task<ExperimentStatus> Status(House house, string id) => (await house.Experiment(id).GetStatus(None))!;

    /// <summary>What each dictionary of a plan is worth, in its order.</summary>
    private static Func<StageKey, double> Worth(Plan plan, params double[] values) => key => values[plan.Dictionaries.IndexOf(key)];
}
