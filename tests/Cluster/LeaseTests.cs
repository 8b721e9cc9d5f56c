using Orchestrator.Abstractions;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Contracts.Runs;
using Xunit;

namespace Orchestrator.Cluster;

public sealed class LeaseTests
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task Device_ThatStopsRenewing_LosesItsJob_WhichGoesOnFromTheCheckpointElsewhere()
    {
        await using var house = new House();
        await house.InitializeAsync();
        var plan = new Plan(512);
        using var training = new ManualResetEventSlim();
        using var moved = new ManualResetEventSlim();
        Exception? refusal = null;
        var hung = await house.AddDevice("first", job =>
        {
            if (job.Request.Stages[0].Key == plan.Model)
            {
                job.Checkpoint(7);
                training.Set();
                moved.Wait(None);
                refusal = Record.Exception(() => job.Checkpoint(9));
                if (refusal is not null)
                    throw refusal;
            }

            job.Complete();
        });

        await house.Experiment("a-1").Submit(plan.Submission, None);
        await House.Eventually(() => Task.FromResult(training.IsSet));
        var before = await house.Run(plan.Model);
        long? resumedAt = null;
        await house.AddDevice("second", job =>
        {
            if (job.Request.Stages[0].Key == plan.Model)
                resumedAt = job.Reporter.CheckpointOf(plan.Model)?.Step;

            job.Complete();
        });
        hung.StopRenewing();
        var status = await house.End("a-1");
        moved.Set();
        await House.Eventually(() => Task.FromResult(refusal is not null));

        Assert.Equal(ExperimentPhase.Completed, status.Phase);
        Assert.Equal(7, resumedAt);
        var after = await house.Run(plan.Model);
        Assert.True(after.Epoch > before.Epoch);
        Assert.Equal(2, after.Attempts);
        Assert.Equal(RunEnd.Completed, after.Outcome?.End);
        Assert.Null(Record.Exception(() => house.Store.FileOf(plan.Model, "result.txt")));
    }

    [Fact]
    public async Task Device_ThatComesBackInANewProcess_GoesOnAtOnce()
    {
        await using var house = new House();
        await house.InitializeAsync();
        var plan = new Plan(512);
        using var training = new ManualResetEventSlim();
        var first = await house.AddDevice("cpu", job =>
        {
            if (job.Request.Stages[0].Key == plan.Model)
            {
                training.Set();
                job.Stop.WaitHandle.WaitOne();
                job.Checkpoint(3);
                job.Stop.ThrowIfCancellationRequested();
            }

            job.Complete();
        });
        await house.Experiment("a-1").Submit(plan.Submission, None);
        await House.Eventually(() => Task.FromResult(training.IsSet));

        await first.Stop();
        Assert.Equal(3, (await house.Run(plan.Model)).Checkpoint?.Step);
        await house.AddDevice("cpu", job => job.Complete());

        Assert.Equal(ExperimentPhase.Completed, (await house.End("a-1")).Phase);
        // One more where the new silo registers before the scheduler's own silo knows the way to it: that lease is lost at once.
        Assert.InRange((await house.Run(plan.Model)).Attempts, 2, 3);
    }

    [Fact]
    public async Task Run_RefusesEveryCommitOfAnOlderLease()
    {
        await using var house = new House();
        await house.InitializeAsync();
        var plan = new Plan(512);
        var run = house.Grains.StageRun(plan.Model);
        await run.Await(new ExperimentId("a-1"), plan.Stage(plan.Model), None);
        Assert.Equal(CommitOutcome.Accepted, (await run.Begin(5, None)).Outcome);
        var old = WorkFolder(house, plan.Model, "e5");
        Assert.Equal(CommitOutcome.Accepted, await run.CommitCheckpoint(5, new CheckpointRef(1, old), None));

        var start = await run.Begin(7, None);

        Assert.Equal((CommitOutcome.Accepted, new CheckpointRef(1, old)), (start.Outcome, start.Checkpoint));
        Assert.Equal(CommitOutcome.Stale, (await run.Begin(5, None)).Outcome);
        Assert.Equal(CommitOutcome.Stale, await run.CommitCheckpoint(5, new CheckpointRef(2, WorkFolder(house, plan.Model, "e5b")), None));
        Assert.Equal(CommitOutcome.Stale, await run.Report(5, new RunProgress(1, 2, 3, 4, null, null, "training"), None));
        Assert.Equal(CommitOutcome.Stale, await run.CommitResult(5, WorkFolder(house, plan.Model, "e5c"), None));
        Assert.False(house.Store.Contains(plan.Model));
        Assert.Equal(1, (await run.GetStatus(None)).Checkpoint?.Step);

        Assert.Equal(CommitOutcome.Accepted, await run.CommitResult(7, WorkFolder(house, plan.Model, "e7"), None));
        Assert.True(house.Store.Contains(plan.Model));
        Assert.Equal(CommitOutcome.AlreadyComplete, await run.CommitResult(7, WorkFolder(house, plan.Model, "e7b"), None));
    }

    [Fact]
    public async Task Run_WhoseAttemptsAreLostWithoutProgress_FailsInTheEnd_AndACheckpointResetsTheCount()
    {
        await using var house = new House();
        await house.InitializeAsync();
        var plan = new Plan(512);
        var run = house.Grains.StageRun(plan.Model);
        await run.Await(new ExperimentId("a-1"), plan.Stage(plan.Model), None);
        var lost = RunOutcome.Failed(FailureClass.Infrastructure, "the device died");
        long epoch = 0;
        for (var i = 0; i < 4; i++)
            await Lose();

        await run.Begin(++epoch, None);
        await run.CommitCheckpoint(epoch, new CheckpointRef(1, WorkFolder(house, plan.Model, "c")), None);
        await run.EndAttempt(epoch, lost, None);
        Assert.Equal(CommitOutcome.Stale, await run.CommitCheckpoint(epoch, new CheckpointRef(2, WorkFolder(house, plan.Model, "d")), None));
        for (var i = 0; i < 3; i++)
            await Lose();

        Assert.Null((await run.GetStatus(None)).Outcome);
        await Lose();
        var outcome = (await run.GetStatus(None)).Outcome;
        Assert.Equal((RunEnd.Failed, FailureClass.Infrastructure), (outcome?.End, outcome?.Failure));
        Assert.Contains("the device died", outcome?.Reason);

        async Task Lose()
        {
            await run.Begin(++epoch, None);
            await run.EndAttempt(epoch, lost, None);
        }
    }

    private static string WorkFolder(House house, StageKey stage, string name)
    {
        var folder = Path.Combine(house.Layout.WorkOf(stage), name);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "result.txt"), name);
        return folder;
    }
}
