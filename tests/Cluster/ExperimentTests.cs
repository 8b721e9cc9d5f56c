using Orchestrator.Abstractions;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Contracts.Runs;
using Orchestrator.Contracts.Scheduling;
using Orchestrator.Planning.Logs;
using Orchestrator.Silo.Stages;
using Xunit;

namespace Orchestrator.Cluster;

public sealed class ExperimentTests
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task Submit_ComputesEveryStageOnce_AndAStreamInOneJob()
    {
        await using var house = new House();
        await house.InitializeAsync();
        var device = await house.AddDevice("cpu", job => job.Complete());
        var plan = new Plan(512, 1_024);

        await house.Experiment("a-1").Submit(plan.Submission, None);
        var status = await house.End("a-1");

        Assert.Equal(ExperimentPhase.Completed, status.Phase);
        Assert.All(status.Stages, stage => Assert.Equal((StagePhase.Completed, 1), (stage.Phase, stage.Attempts)));
        Assert.All(plan.Stages, stage => Assert.True(house.Store.Contains(stage.Key)));
        Assert.Equal(5, device.Jobs.Count); // six stages: the two dictionaries share a job
        Assert.Equal(plan.Dictionaries, device.Jobs.Single(job => job.Stages.Count == 2).Stages.Select(stage => stage.Key));
        Assert.Equal("summary of a-1", status.SummaryPath);
        var finished = Assert.Single(house.Reporter.Finished);
        Assert.Equal((0, 6), (finished.CachedStages, finished.ComputedStages));
    }

    [Fact]
    public async Task Submit_OfAnExtendedPlan_ComputesOnlyTheDifference()
    {
        await using var house = new House();
        await house.InitializeAsync();
        var device = await house.AddDevice("cpu", job => job.Complete());
        var plan = new Plan(512);
        await house.Experiment("a-1").Submit(plan.Submission, None);
        await house.End("a-1");

        await house.Experiment("a-1").Submit(plan.Submission, None);
        var again = await house.End("a-1");
        Assert.All(again.Stages, stage => Assert.Equal(StagePhase.Cached, stage.Phase));
        Assert.Equal(5, device.Jobs.Count);

        var extended = new Plan(512, 1_024);
        await house.Experiment("b-1").Submit(extended.Submission, None);
        var more = await house.End("b-1");
        Assert.Equal(extended.Dictionaries[1], Assert.Single(more.Stages, stage => stage.Phase == StagePhase.Completed).Key);
        Assert.Equal(6, device.Jobs.Count);
    }

    [Fact]
    public async Task Submit_WhileItRuns_StartsNothingTwice()
    {
        await using var house = new House();
        await house.InitializeAsync();
        using var gate = new ManualResetEventSlim();
        var device = await house.AddDevice("cpu", job =>
        {
            gate.Wait(job.Stop);
            job.Complete();
        });
        var plan = new Plan(512);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => house.Experiment("a-1").Submit(plan.Submission, None)));
        await house.Experiment("b-1").Submit(plan.Submission, None); // wants the same stages
        gate.Set();

        Assert.Equal(ExperimentPhase.Completed, (await house.End("a-1")).Phase);
        Assert.Equal(ExperimentPhase.Completed, (await house.End("b-1")).Phase);
        Assert.Equal(plan.Stages.Select(stage => stage.Key), device.Jobs.SelectMany(job => job.Stages).Select(stage => stage.Key));
    }

    [Fact]
    public async Task FailedStage_FailsItsDependents_NamingTheReason()
    {
        await using var house = new House();
        await house.InitializeAsync();
        var plan = new Plan(512, 1_024);
        await house.AddDevice("cpu", job =>
        {
            if (job.Request.Stages[0].Key == plan.Model)
                throw new StageFailedException(FailureClass.Diverged, "the loss is NaN at step 7");

            job.Complete();
        });

        await house.Experiment("a-1").Submit(plan.Submission, None);
        var status = await house.End("a-1");

        Assert.Equal(ExperimentPhase.Failed, status.Phase);
        Assert.Equal(
            [StagePhase.Completed, StagePhase.Completed, StagePhase.Failed, StagePhase.Failed, StagePhase.Failed, StagePhase.Failed],
            status.Stages.Select(stage => stage.Phase));
        Assert.All(status.Stages.Skip(2), stage => Assert.Contains("the loss is NaN at step 7", stage.Reason));
        Assert.Contains(plan.Model.Value, status.Stages[^1].Reason);
    }

    [Fact]
    public async Task StageThatFailsOfAJob_LeavesTheOthersOfTheJobToComplete()
    {
        await using var house = new House();
        await house.InitializeAsync();
        var plan = new Plan(512, 1_024, 2_048);
        var diverging = plan.Dictionaries[1];
        var device = await house.AddDevice("cpu", job =>
        {
            foreach (var stage in job.Request.Stages)
            {
                if (stage.Key == diverging)
                    job.Reporter.Fail(stage.Key, FailureClass.Diverged, "the loss is NaN at step 7");
                else
                    job.Complete(stage);
            }
        });

        await house.Experiment("a-1").Submit(plan.Submission, None);
        var status = await house.End("a-1");

        Assert.Equal(ExperimentPhase.Failed, status.Phase);
        var failed = Assert.Single(status.Stages, stage => stage.Phase != StagePhase.Completed);
        Assert.Equal((diverging, StagePhase.Failed, 1), (failed.Key, failed.Phase, failed.Attempts));
        Assert.Contains("the loss is NaN at step 7", failed.Reason, StringComparison.Ordinal);
        Assert.Equal(FailureClass.Diverged, (await house.Run(diverging)).Outcome?.Failure);
        Assert.False(house.Store.Contains(diverging));
        Assert.Equal(5, device.Jobs.Count); // nothing was tried again, and the device was given back
    }

    [Fact]
    public async Task Demand_OfASpec_ReachesTheScheduler_Once()
    {
        await using var house = new House();
        await house.InitializeAsync();
        var scheduler = house.Grains.GetGrain<ISchedulerGrain>(ISchedulerGrain.DefaultPool);
        var id = new ExperimentId("a-1");
        var demand = new ExperimentDemand { Priority = 7, Weight = 2.5, MaxDevices = 3, MemoryBytes = 1L << 60 };
        var submission = new Plan(512).Submission with { Demand = demand };
        async Task<ExperimentShare> Share() => (await scheduler.GetShares(None)).Single(share => share.Experiment == id);
        async Task<IReadOnlyList<JobRequest>> Queued() => (await scheduler.GetStatus(None)).Queued;

        await house.Experiment("a-1").Submit(submission, None);
        await House.Eventually(async () => (await Queued()).Count == 1);
        var share = await Share();
        Assert.Equal((7, 2.5, 3), (share.Priority, share.Weight, share.MaxDevices));
        Assert.Equal(1L << 60, (await Queued())[0].Demand?.MemoryBytes);

        // No device has that much: the job waits, and says why.
        await house.AddDevice("cpu", job => job.Complete());
        await House.Eventually(async () => (await scheduler.Explain(id, 1, None)).Any(wait => wait.Reason == WaitReason.TooLittleMemory));

        // What people set stays, as long as the spec does not change.
        await scheduler.SetPriority(id, 1, None);
        await house.Experiment("a-1").Submit(submission, None);
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => house.Experiment("a-1").GetStatus(None)));
        Assert.Equal(1, (await Share()).Priority);
        await house.Experiment("a-1").Submit(submission with { Demand = demand with { Priority = 9 } }, None);
        await House.Eventually(async () => (await Share()).Priority == 9);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task LostAttempts_OfASpec_AreAllowed_AndNoMore(int allowed)
    {
        await using var house = new House();
        await house.InitializeAsync();
        var plan = new Plan(512);
        await house.AddDevice("cpu", job =>
        {
            if (job.Request.Stages[0].Key == plan.Model)
                throw new StageFailedException(FailureClass.Infrastructure, "the process died");

            job.Complete();
        });
        await house.Experiment("a-1").Submit(plan.Submission with { Stages = [.. plan.Stages.Select(stage => stage with { LostAttempts = allowed })] }, None);
        var status = await house.End("a-1");
        Assert.Equal(allowed, status.Stages.Single(stage => stage.Key == plan.Model).Attempts);
        Assert.Contains($"{allowed} attempts in a row were lost", (await house.Run(plan.Model)).Outcome?.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RetryFailed_TriesWhatFailedAndWhatFailedWithIt_AndNothingElse()
    {
        await using var house = new House();
        await house.InitializeAsync();
        var plan = new Plan(512, 1_024);
        var isBroken = true;
        var device = await house.AddDevice("cpu", job =>
        {
            if (job.Request.Stages[0].Key == plan.Model && isBroken)
                throw new StageFailedException(FailureClass.Diverged, "the loss is NaN at step 7");

            job.Complete();
        });
        await house.Experiment("a-1").Submit(plan.Submission, None);
        Assert.Equal(ExperimentPhase.Failed, (await house.End("a-1")).Phase);

        isBroken = false;
        Assert.Equal(4, await house.Experiment("a-1").RetryFailed(None)); // the model, its dictionaries, the analysis
        var status = await house.End("a-1");
        Assert.Equal(ExperimentPhase.Completed, status.Phase);
        Assert.All(status.Stages, stage => Assert.Null(stage.Reason));
        Assert.Equal(6, device.Jobs.Count); // tokenizer, tokens, the model twice, its dictionaries, the analysis
        Assert.Equal(0, await house.Experiment("a-1").RetryFailed(None));
    }

    [Fact]
    public async Task RetryFailed_OfWhatWasCancelled_ChangesNothing()
    {
        await using var house = new House();
        await house.InitializeAsync();
        await house.Experiment("a-1").Submit(new Plan(512).Submission, None);
        await house.Experiment("a-1").Cancel(None);
        Assert.Equal(ExperimentPhase.Cancelled, (await house.End("a-1")).Phase);
        Assert.Equal(0, await house.Experiment("a-1").RetryFailed(None));
        Assert.Equal(ExperimentPhase.Cancelled, (await house.End("a-1")).Phase);
    }

    [Fact]
    public async Task Submit_InAnotherOrderWhileItRuns_ChangesNothing()
    {
        await using var house = new House();
        await house.InitializeAsync();
        using var gate = new ManualResetEventSlim();
        var device = await house.AddDevice("cpu", job =>
        {
            gate.Wait(job.Stop);
            job.Complete();
        });
        var plan = new Plan(512, 1_024);
        await house.Experiment("a-1").Submit(plan.Submission, None);
        await House.Eventually(() => Task.FromResult(!device.Jobs.IsEmpty));
        var before = await house.Experiment("a-1").GetStatus(None);
        await house.Experiment("a-1").Submit(plan.Submission with { Stages = [.. plan.Stages.Take(3), .. plan.Stages.Skip(3).Reverse()] }, None);
        Assert.Equal(before!.SubmittedAt, (await house.Experiment("a-1").GetStatus(None))!.SubmittedAt);
        gate.Set();
        Assert.Equal(ExperimentPhase.Completed, (await house.End("a-1")).Phase);
        Assert.Equal(6, device.Jobs.Sum(job => job.Stages.Count));
    }

    [Fact]
    public async Task Logs_OfARun_AreInTheStore_ByExperimentAndRun()
    {
        await using var house = new House();
        await house.InitializeAsync();
        var plan = new Plan(512);
        await house.AddDevice("cpu", job =>
        {
            if (job.Request.Stages[0].Key == plan.Model)
                throw new InvalidOperationException("the plug was pulled");

            job.Complete();
        });
        await house.Experiment("a-1").Submit(plan.Submission, None);
        await house.End("a-1");

        await House.Eventually(() => Task.FromResult(Lines(house.Layout.LogsOf(plan.Model)).Any(line => line.Exception is not null)));
        var thrown = Lines(house.Layout.LogsOf(plan.Model)).Single(line => line.Exception is not null);
        Assert.Equal(("gpu-cpu", plan.Model.Value, "error"), (thrown.Silo, thrown.Run, thrown.Level));
        Assert.Contains("the plug was pulled", thrown.Exception, StringComparison.Ordinal);
        Assert.Contains(Lines(house.Layout.LogsOf(plan.Model)), line => line.Silo == "control" && line.Message.Contains("attempt 1 begins", StringComparison.Ordinal) && line.Fields["Epoch"] is not null);
        await House.Eventually(() => Task.FromResult(Lines(house.Layout.LogsOf(new ExperimentId("a-1"))).Any(line => line.Message.Contains("Failed after", StringComparison.Ordinal))));
        Assert.All(Lines(house.Layout.LogsOf(new ExperimentId("a-1"))), line => Assert.Equal("a-1", line.Experiment));
    }

    private static List<LogLine> Lines(string folder) => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder).SelectMany(File.ReadAllLines).Select(LogLine.Parse).OfType<LogLine>()]
        : [];

    [Fact]
    public async Task Cancel_StopsTheJobAfterItsCheckpoint_AndResubmissionGoesOnFromIt()
    {
        await using var house = new House();
        await house.InitializeAsync();
        var plan = new Plan(512);
        using var training = new ManualResetEventSlim();
        long? resumedAt = null;
        await house.AddDevice("cpu", job =>
        {
            if (job.Request.Stages[0].Key == plan.Model && job.Reporter.CheckpointOf(plan.Model) is not { } checkpoint)
            {
                training.Set();
                job.Stop.WaitHandle.WaitOne();
                job.Checkpoint(42);
                job.Stop.ThrowIfCancellationRequested();
            }
            else if (job.Request.Stages[0].Key == plan.Model)
            {
                resumedAt = job.Reporter.CheckpointOf(plan.Model)?.Step;
            }

            job.Complete();
        });

        await house.Experiment("a-1").Submit(plan.Submission, None);
        await House.Eventually(() => Task.FromResult(training.IsSet));
        await house.Experiment("a-1").Cancel(None);
        var cancelled = await house.End("a-1");
        Assert.Equal(ExperimentPhase.Cancelled, cancelled.Phase);
        Assert.Equal(42, (await house.Run(plan.Model)).Checkpoint?.Step);

        await house.Experiment("a-1").Submit(plan.Submission, None);
        Assert.Equal(ExperimentPhase.Completed, (await house.End("a-1")).Phase);
        Assert.Equal(42, resumedAt);
        Assert.False(Directory.Exists(house.Layout.WorkOf(plan.Model)));
    }

    [Fact]
    public async Task ControlSilo_AfterARestart_GoesOnWithWhatWasSubmitted()
    {
        await using var house = new House();
        await house.InitializeAsync();
        var plan = new Plan(512);
        await house.Experiment("a-1").Submit(plan.Submission, None);
        await house.StopControl();

        await house.StartControl();
        await house.AddDevice("cpu", job => job.Complete());
        Assert.Equal(ExperimentPhase.Completed, (await house.End("a-1")).Phase);
    }
}
