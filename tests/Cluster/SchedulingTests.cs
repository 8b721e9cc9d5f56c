using System.Collections.Concurrent;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Contracts.Runs;
using Orchestrator.Contracts.Scheduling;
using Orchestrator.Planning.Artefacts;
using Xunit;

namespace Orchestrator.Cluster;

/// <summary>The scheduler as people and devices meet it: through its grain, with real devices' threads and heartbeats.</summary>
public sealed class SchedulingTests : IAsyncLifetime
{
    private readonly House _house = new();

    /// <summary>Stages whose job runs until it is told to stop, and then makes a checkpoint.</summary>
    private readonly ConcurrentDictionary<StageKey, bool> _endless = [];
    private readonly ConcurrentQueue<(string Device, StageKey Stage, long? From)> _begun = [];

    private static CancellationToken None => CancellationToken.None;

    private ISchedulerGrain Scheduler => _house.Grains.GetGrain<ISchedulerGrain>(ISchedulerGrain.DefaultPool);

    public async ValueTask InitializeAsync() => await _house.InitializeAsync();

    public async ValueTask DisposeAsync() => await _house.DisposeAsync();

    [Fact]
    public async Task HigherPriority_PreemptsAtACheckpoint_AndTheVictimGoesOnFromIt()
    {
        await Device("cuda:0");
        var (low, high) = (Model(1), Model(2));
        _endless[low.Key] = true;
        await Queue("low", low);
        await Begun(low, 1);
        await Scheduler.SetPriority(new ExperimentId("high"), 1, None);
        _endless[low.Key] = false; // the next time it runs to its end
        await Queue("high", high);

        await Ends(low);
        await Ends(high);
        Assert.Equal([low.Key, high.Key, low.Key], _begun.Select(begun => begun.Stage));
        Assert.Equal(5, _begun.Last().From);
        var run = await _house.Run(low.Key);
        Assert.Equal((2, RunEnd.Completed), (run.Attempts, run.Outcome?.End));
    }

    [Fact]
    public async Task Paused_MakesRoom_SaysSo_AndGoesOnWhenResumed()
    {
        await Device("cuda:0");
        var (first, second) = (Model(1), Model(2));
        var experiment = new ExperimentId("a");
        _endless[first.Key] = true;
        await Queue("a", first);
        await Begun(first, 1);
        await Queue("a", second);
        _endless[first.Key] = false;
        await Scheduler.SetPaused(experiment, true, None);
        await House.Eventually(async () => (await Scheduler.GetStatus(None)).Leases.All(lease => lease.Job is null));

        var why = await Scheduler.Explain(experiment, 10, None);
        Assert.Equal([first.Key, second.Key], why.Select(job => job.Stages[0]));
        Assert.All(why, job => Assert.Equal((WaitReason.Paused, "a is paused"), (job.Reason, job.Text)));
        Assert.Null((await _house.Run(first.Key)).Outcome);

        await Scheduler.SetPaused(experiment, false, None);
        await Ends(first);
        await Ends(second);
        Assert.Equal(5, _begun.ElementAt(1).From);
    }

    [Fact]
    public async Task QueueAndSettings_SurviveTheControlSilo()
    {
        var experiment = new ExperimentId("a");
        await Scheduler.SetWeight(experiment, 2.5, None);
        await Scheduler.SetMaxDevices(experiment, 3, None);
        await Queue("a", [.. Enumerable.Range(1, 30).Select(Model)]);
        var before = await Scheduler.Queue(0, 100, None);
        Assert.Equal(30, before.Total);
        Assert.All(before.Jobs, job => Assert.Equal(WaitReason.NoDevice, job.Reason));

        await _house.StopControl();
        await _house.StartControl();
        var after = await Scheduler.Queue(0, 100, None);
        Assert.Equal(before.Jobs.Select(job => job.Job), after.Jobs.Select(job => job.Job));
        var share = Assert.Single(await Scheduler.GetShares(None));
        Assert.Equal((2.5, 3, 30), (share.Weight, share.MaxDevices, share.Waiting));
    }

    [Fact]
    public async Task MaxDevices_HoldsBackWhatIsFree_AndExplainsIt()
    {
        var experiment = new ExperimentId("a");
        await Scheduler.SetMaxDevices(experiment, 1, None);
        await Device("cuda:0");
        await Device("cuda:1");
        var (first, second) = (Model(1), Model(2));
        _endless[first.Key] = true;
        await Queue("a", first, second);
        await Begun(first, 1);
        var why = Assert.Single(await Scheduler.Explain(experiment, 10, None));
        Assert.Equal(WaitReason.LimitReached, why.Reason);

        await Scheduler.SetMaxDevices(experiment, null, None);
        await Ends(second);
    }

    [Fact]
    public async Task Gang_HoldsBothDevices_BeyondALeasesTime_AndOneOfThemComputes()
    {
        await Device("cuda:0");
        var stage = Model(1);
        _endless[stage.Key] = true;
        await Queue("a", new JobDemand { Devices = 2 }, stage);
        await House.Eventually(async () => await Scheduler.Explain(new ExperimentId("a"), 1, None) is [{ Reason: WaitReason.GangTooLarge }]); // once the device has registered
        await Device("cuda:1");
        await Begun(stage, 1);
        await Task.Delay(TimeSpan.FromSeconds(4)); // longer than a lease lasts unless renewed
        var leases = (await Scheduler.GetStatus(None)).Leases;
        Assert.All(leases, lease => Assert.Equal(stage.Key, lease.Job?.Stages[0].Key));
        Assert.Single(leases.Select(lease => lease.Epoch).Distinct());
        Assert.Single(_begun);

        _endless[stage.Key] = false;
        await Scheduler.Cancel(new ExperimentId("a"), None);
        await House.Eventually(async () => (await Scheduler.GetStatus(None)).Leases.All(lease => lease.Job is null));
    }

    [Fact]
    public async Task WrongSettingsAndJobs_AreRefusedByName()
    {
        var weight = await Assert.ThrowsAsync<ArgumentException>(() => Scheduler.SetWeight(new ExperimentId("a"), -1, None));
        Assert.Contains("The weight of a is -1", weight.Message);
        var job = await Assert.ThrowsAsync<ArgumentException>(() => Queue("a", new JobDemand { Devices = 0 }, Model(1)));
        Assert.Contains("it needs 0 devices at once", job.Message);
        Assert.Equal(0, (await Scheduler.Queue(0, 1, None)).Total);
    }

    private static PlannedStage Model(int seed)
    {
        var plan = new Plan();
        var definition = new ModelStage(plan.Tokenizer, plan.Stages[1].Key, new TransformerDefinition(), new TransformerTrainingDefinition(), (ulong)seed);
        return new PlannedStage(StageAddress.Of(definition), definition.Prefix, definition.ToJson(), definition.DependsOn, null);
    }

    private Task<FakeDevice> Device(string name) => _house.AddDevice(name, job =>
    {
        var stage = job.Request.Stages[0].Key;
        _begun.Enqueue((name, stage, job.Reporter.CheckpointOf(stage)?.Step));
        if (_endless.GetValueOrDefault(stage))
        {
            job.Stop.WaitHandle.WaitOne();
            job.Checkpoint(5);
            job.Stop.ThrowIfCancellationRequested();
        }

        job.Complete();
    });

    private Task Queue(string experiment, params PlannedStage[] stages) => Queue(experiment, null, stages);

    /// <summary>One job for each stage.</summary>
    private async Task Queue(string experiment, JobDemand? demand, params PlannedStage[] stages)
    {
        var id = new ExperimentId(experiment);
        foreach (var stage in stages)
            await _house.Grains.StageRun(stage.Key).Await(id, stage, None);

        await Scheduler.EnqueueAll(
            [.. stages.Select(stage => new JobRequest($"job-{stage.Key}", id, [new JobStage(stage.Key, stage.DefinitionJson)]) { Demand = demand })],
            None);
    }

    private Task Begun(PlannedStage stage, int times) =>
        House.Eventually(() => Task.FromResult(_begun.Count(begun => begun.Stage == stage.Key) >= times));

    private Task Ends(PlannedStage stage) =>
        House.Eventually(async () => (await _house.Run(stage.Key)).Outcome is { End: RunEnd.Completed });
}
