using Orchestrator.Abstractions;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Contracts.Runs;
using Orchestrator.Contracts.Scheduling;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Silo.Stages;
using Xunit;

namespace Orchestrator.Cluster;

/// <summary>What becomes of runs that fail, by class; and of what they were to read.</summary>
public sealed class FailureTests
{
    private static CancellationToken None => CancellationToken.None;

    [Theory]
    [InlineData(FailureClass.Preempted, null)]
    [InlineData(FailureClass.DiskFull, null)]
    [InlineData(FailureClass.Infrastructure, 5)]
    [InlineData(FailureClass.OutOfMemory, 2)]
    [InlineData(FailureClass.Crash, 3)]
    [InlineData(FailureClass.Plugin, 1)]
    [InlineData(FailureClass.Internal, 1)]
    [InlineData(FailureClass.Diverged, 1)]
    [InlineData(FailureClass.BadData, 1)]
    public async Task Failure_OfAClass_EndsTheRunAfterItsBudget(FailureClass failure, int? attempts)
    {
        const int Many = 20;
        await using var house = new House();
        await house.InitializeAsync();
        var (plan, run) = await Awaited(house);
        var spent = 0;
        while (spent < Many && (await run.GetStatus(None)).Outcome is null)
            await Fail(run, ++spent, failure);

        Assert.Equal(attempts ?? Many, spent);
        var outcome = (await run.GetStatus(None)).Outcome;
        Assert.Equal(attempts is null, outcome is null);
        if (failure == FailureClass.Crash)
        {
            Assert.Equal(FailureClass.Quarantined, outcome!.Failure);
            Assert.Contains("3 times before any checkpoint", outcome.Reason);
            Assert.Contains("SIGABRT: terminate called", outcome.Reason);
            Assert.Equal([1, 2, 3], outcome.Evidence!.Ends.Select(end => end.ProcessId));
        }

        // A new demand starts afresh, with the whole budget.
        await run.Await(new ExperimentId("a-1"), plan.Stage(plan.Model), None);
        Assert.Null((await run.GetStatus(None)).Outcome);
    }

    [Fact]
    public async Task Budgets_OfASpec_AreGiven()
    {
        await using var house = new House();
        await house.InitializeAsync();
        var (_, run) = await Awaited(house, stage => stage with { OutOfMemoryRetries = 3, PluginRetries = 2 });
        await Fail(run, 1, FailureClass.Plugin);
        await Fail(run, 2, FailureClass.Plugin);
        Assert.Null((await run.GetStatus(None)).Outcome);
        foreach (var epoch in Enumerable.Range(3, 3))
            await Fail(run, epoch, FailureClass.OutOfMemory);

        Assert.Null((await run.GetStatus(None)).Outcome);
        await Fail(run, 6, FailureClass.OutOfMemory);
        Assert.Contains("(4 attempts)", (await run.GetStatus(None)).Outcome?.Reason);
    }

    [Fact]
    public async Task Crashes_AtDifferentPlaces_AreNotTheSamePlace()
    {
        await using var house = new House();
        await house.InitializeAsync();
        var (plan, run) = await Awaited(house);
        for (var epoch = 1; epoch < 9; epoch++)
        {
            await run.Begin(epoch, None);
            if (epoch % 2 == 0)
                await run.CommitCheckpoint(epoch, new CheckpointRef(epoch, Folder(house, plan.Model, $"s{epoch}")), None);

            await run.EndAttempt(epoch, Crash(epoch), None);
        }

        Assert.Null((await run.GetStatus(None)).Outcome);
    }

    [Fact]
    public async Task Company_OfACrash_IsTriedApart_AndOnlyTheGuiltyOneIsQuarantined()
    {
        await using var house = new House();
        await house.InitializeAsync();
        var plan = new Plan(512, 1_024, 2_048);
        var guilty = plan.Dictionaries[1];
        var jobs = new List<IReadOnlyList<StageKey>>();
        var device = await house.AddDevice("cpu", job =>
        {
            // Told as the scheduler tells it when the process of the device died.
            var stages = job.Request.Stages.Select(stage => stage.Key).ToList();
            if (stages.Contains(plan.Dictionaries[0]) || stages.Contains(guilty) || stages.Contains(plan.Dictionaries[2]))
            {
                lock (jobs)
                    jobs.Add(stages);
            }

            if (stages.Contains(guilty))
                throw new StageFailedException(FailureClass.Crash, "it went down");

            job.Complete();
        });
        await house.Experiment("a-1").Submit(plan.Submission, None);
        var status = await house.End("a-1");

        Assert.Equal(ExperimentPhase.Failed, status.Phase);
        var failed = Assert.Single(status.Stages, stage => stage.Phase == StagePhase.Failed);
        Assert.Equal(guilty, failed.Key);
        Assert.StartsWith("quarantined:", failed.Reason);
        Assert.Equal(3, jobs[0].Count);
        Assert.All(jobs.Where(job => job.Contains(guilty)).Skip(1), job => Assert.Single(job));
        Assert.Equal(3, failed.Attempts);

        // Cleared by a new demand; without a device, which would have it quarantined again before anybody looks.
        await device.Stop();
        Assert.Equal(1, await house.Experiment("a-1").RetryFailed(None));
        await House.Eventually(async () => (await house.Run(guilty)).Outcome is null);
    }

    [Fact]
    public async Task TornCheckpoint_IsNotReadFrom_TheOneBeforeIs()
    {
        await using var house = new House();
        await house.InitializeAsync();
        var plan = new Plan(512);
        using var training = new ManualResetEventSlim();
        var first = await house.AddDevice("cpu", job =>
        {
            if (job.Request.Stages[0].Key == plan.Model)
            {
                foreach (var step in (long[])[3, 5, 7])
                    job.Checkpoint(step);

                training.Set();
                job.Stop.WaitHandle.WaitOne();
                job.Stop.ThrowIfCancellationRequested();
            }

            job.Complete();
        });
        await house.Experiment("a-1").Submit(plan.Submission, None);
        await House.Eventually(() => Task.FromResult(training.IsSet));
        await first.Stop();
        var newest = (await house.Run(plan.Model)).Checkpoint!;
        Assert.Equal(7, newest.Step);
        Assert.Equal(2, Directory.GetDirectories(house.Layout.WorkOf(plan.Model)).Length); // the one before is kept, and no other
        await File.WriteAllTextAsync(Path.Combine(newest.Folder, "weights"), "2", None); // as long as before

        long? resumedAt = null;
        await house.AddDevice("cpu", job =>
        {
            if (job.Request.Stages[0].Key == plan.Model)
                resumedAt = job.Reporter.CheckpointOf(plan.Model)?.Step;

            job.Complete();
        });
        Assert.Equal(ExperimentPhase.Completed, (await house.End("a-1")).Phase);
        Assert.Equal(5, resumedAt);
    }

    [Fact]
    public async Task TornArtefact_IsSetAside_AndComputedAgain()
    {
        await using var house = new House();
        await house.InitializeAsync();
        var plan = new Plan(512);
        var reader = new ArtefactReader(house.Store);
        var computed = new List<StageKey>();
        var torn = false;
        await house.AddDevice("cpu", job =>
        {
            var key = job.Request.Stages[0].Key;
            computed.Add(key);
            if (key == plan.Dictionaries[0])
            {
                if (!torn)
                    File.WriteAllText(house.Store.FileOf(plan.Model, "result.txt"), new string('x', plan.Model.Value.Length));

                torn = true;
                reader.RequireSound(plan.Model);
            }

            job.Complete();
        });
        await house.Experiment("a-1").Submit(plan.Submission, None);
        var status = await house.End("a-1");
        Assert.Equal(ExperimentPhase.Completed, status.Phase);
        Assert.Equal(2, computed.Count(key => key == plan.Model));
        Assert.Equal(2, computed.Count(key => key == plan.Dictionaries[0]));
        Assert.Equal(1, computed.Count(key => key == plan.Tokenizer));
        Assert.Single(Directory.GetDirectories(house.Layout.Work, $"torn-{plan.Model}-*"));
        Assert.Empty(house.Store.Verify(plan.Model));
    }

    [Fact]
    public async Task FullDisk_CostsNothing_AndTheDeviceWaitsForRoom()
    {
        await using var house = new House();
        await house.InitializeAsync();
        var plan = new Plan(512);
        var tries = 0;
        await house.AddDevice("cpu", job =>
        {
            if (job.Request.Stages[0].Key == plan.Model && Interlocked.Increment(ref tries) == 1)
                throw new IOException("No space left on device", 28);

            job.Complete();
        });
        await house.Experiment("a-1").Submit(plan.Submission, None);

        // Much is free, and yet it was not enough: the device waits until there is more.
        var scheduler = house.Grains.GetGrain<ISchedulerGrain>(ISchedulerGrain.DefaultPool);
        IReadOnlyList<WaitExplanation> waits = [];
        await House.Eventually(async () =>
        {
            waits = await scheduler.Explain(new ExperimentId("a-1"), 1, None);
            return waits is [{ Reason: WaitReason.DiskFull }];
        });
        Assert.Contains("goes on by itself", waits[0].Text);
        Assert.Equal(1, tries);

        // A device on whose host there is room.
        await house.AddDevice("other", job => job.Complete());
        Assert.Equal(ExperimentPhase.Completed, (await house.End("a-1")).Phase);
    }

    private static async Task<(Plan Plan, IStageRunGrain Run)> Awaited(House house, Func<PlannedStage, PlannedStage>? change = null)
    {
        var plan = new Plan(512);
        var run = house.Grains.StageRun(plan.Model);
        var stage = plan.Stage(plan.Model);
        await run.Await(new ExperimentId("a-1"), change is null ? stage : change(stage), None);
        return (plan, run);
    }

    private static async Task Fail(IStageRunGrain run, int epoch, FailureClass failure)
    {
        await run.Begin(epoch, None);
        await run.EndAttempt(epoch, failure == FailureClass.Crash ? Crash(epoch) : RunOutcome.Failed(failure, "it failed"), None);
    }

    private static RunOutcome Crash(int process) => RunOutcome.Failed(FailureClass.Crash, "the process was replaced") with
    {
        Evidence = new FailureEvidence(0, [new ProcessEnd(process, 134, ["terminate called after throwing"], DateTimeOffset.UnixEpoch)]),
    };

    private static string Folder(House house, StageKey stage, string name) =>
        Directory.CreateDirectory(Path.Combine(house.Layout.WorkOf(stage), name)).FullName;
}
