using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Scheduling;
using Orchestrator.Grains.Scheduling.Decisions;
using Orchestrator.Grains.Scheduling.Records;
using Xunit;
using static Orchestrator.Unit.Grains.Scheduling.TestPool;

namespace Orchestrator.Unit.Grains.Scheduling;

/// <summary>A pool is what its records say, at every moment.</summary>
public sealed class RecordTests
{
    private readonly TestPool _test = new(new SchedulingOptions { LeaseTtl = TimeSpan.FromMinutes(5), Heartbeat = TimeSpan.FromSeconds(30) });

    [Fact]
    public void Pool_RebuiltInMidFlight_DecidesTheSame()
    {
        var scene = new RandomScene(_test, seed: 7);
        for (var step = 0; step < 400; step++)
        {
            scene.Step();
            if (step % 20 != 0)
                continue;

            // Taken in the middle of things: before the decisions that the last event calls for.
            var copy = _test.Copy();
            var there = _test.Pool.Status();
            Assert.Equal(Facts(there), Facts(copy.Status()));
            foreach (var lease in there.Leases.Where(lease => scene.IsHeard(lease.Device.Name)))
                copy.Register(lease.Device); // the copy has not heard from anybody yet

            Assert.Equal(_test.Pool.Shares(), copy.Shares());
            Assert.Equal(_test.Settle(), Settle(copy));
        }

        Assert.True(scene.Preemptions > 5 && scene.Gangs > 5 && scene.Losses > 5, $"{scene.Preemptions} preemptions, {scene.Gangs} gangs, {scene.Losses} losses");
    }

    [Fact]
    public void Changes_AddUpToTheWhole()
    {
        var scene = new RandomScene(_test, seed: 11);
        for (var step = 0; step < 300; step++)
        {
            scene.Step();
            _test.Settle();
            if (step % 50 == 0)
                _test.Restart(); // from the sum of changes
        }

        foreach (var pool in new[] { _test.FromChanges(), _test.Copy() })
        {
            Assert.Equal(Facts(_test.Pool.Status()), Facts(pool.Status()));
            Assert.Equal(_test.Pool.Shares(), pool.Shares());
            Assert.Equal(Text(_test.Pool.Whole(1_000)), Text(pool.Whole(3)));
        }
    }

    [Fact]
    public void Promise_SurvivesARestart()
    {
        _test.Register("cuda:0");
        _test.Register("cuda:1");
        _test.Enqueue("long", "dictionary-1");
        _test.Settle();
        _test.Enqueue("large", "model-1", new JobDemand { Devices = 2 });
        _test.Settle();
        _test.Enqueue("small", "dictionary-2");
        _test.Restart();
        Assert.Empty(_test.Settle()); // cuda:1 is kept
        _test.Release("dictionary-1");
        Assert.Equal("model-1 on cuda:0, cuda:1", _test.Settle()[0]);
    }

    [Fact]
    public void Settings_SurviveARestart_AlsoOfAnExperimentWithoutJobs()
    {
        _test.Pool.SetWeight(Id("a"), 2.5);
        _test.Pool.SetPriority(Id("a"), -3);
        _test.Pool.SetMaxDevices(Id("a"), 7);
        _test.Pool.SetPaused(Id("a"), true);
        _test.Restart();
        Assert.Equal(new ExperimentShare(Id("a"), 2.5, -3, 7, true, 0, 0, 0), Assert.Single(_test.Pool.Shares()));
    }

    [Fact]
    public void Experiment_ThatIsLongOver_IsForgotten_UnlessSomethingIsSet()
    {
        _test.Register("cuda:0");
        _test.Enqueue("a", "dictionary-1");
        _test.Settle();
        _test.Pool.SetWeight(Id("b"), 2);
        _test.Release("dictionary-1");
        _test.Time.Advance(19 * _test.Options.HalfLife.TotalSeconds);
        _test.Pool.Expire();
        Assert.Equal(2, _test.Pool.Shares().Count);
        _test.Time.Advance(2 * _test.Options.HalfLife.TotalSeconds);
        _test.Pool.Expire();
        _test.Restart();
        Assert.Equal(Id("b"), Assert.Single(_test.Pool.Shares()).Experiment);
    }

    [Fact]
    public void StateOfAnOlderScheduler_IsTakenUp()
    {
        var (device, other) = (Guid.NewGuid(), Guid.NewGuid());
        var records = PoolRecords.FromWhole(
            41,
            [Job("a", "dictionary-1"), Job("b", "dictionary-2")],
            [
                new DeviceRecord { Name = "cpu", Incarnation = device, Present = true, Epoch = 41, Job = Job("a", "model-1") },
                new DeviceRecord { Name = "cuda:0", Incarnation = other, Present = true, Epoch = 7, Job = Job("b", "model-2"), Cancelled = true },
            ],
            _test.Time.GetUtcNow());
        var pool = new DevicePool(records, _test.Options, _test.Time);
        Assert.Equal(["dictionary-1", "dictionary-2"], pool.Status().Queued.Select(job => job.Id));
        Assert.True(pool.Renew("cpu", device, 41));
        Assert.True(pool.Release("cpu", device, 41));
        pool.Register(new DeviceInfo("cpu", device));
        var start = Assert.IsType<StartDecision>(pool.Next());
        Assert.Equal(42, pool.Grant(start, start.Job.Stages).Epoch);
        _test.Time.Advance(600);
        Assert.Contains(pool.Expire(), lost => lost is { Epoch: 7, Cancelled: true });
        Assert.DoesNotContain(pool.Status().Queued, job => job.Id == "model-2");
    }

    private static List<string> Settle(DevicePool pool)
    {
        var done = new List<string>();
        while (pool.Next() is { } decision)
        {
            if (decision is StartDecision start)
            {
                pool.Grant(start, start.Job.Stages);
                done.Add($"{start.Job.Id} on {string.Join(", ", start.Devices)}");
            }
            else if (decision is YieldDecision yield)
            {
                pool.Ask(yield);
                done.Add($"{string.Join(", ", yield.Victims.Select(job => job.Id))} yield to {yield.For?.Id ?? "nobody"}");
            }
        }

        return done;
    }

    /// <summary>A status without what is not durable: when leases end.</summary>
    private static IEnumerable<string> Facts(SchedulerStatus status) =>
        status.Queued.Select(job => $"{job.Experiment} {job.Id}")
            .Concat(status.Leases.Select(lease => $"{lease.Device.Name} {lease.Device.Incarnation} {lease.Epoch} {lease.Job?.Id}"));

    private static IEnumerable<string> Text(IEnumerable<PoolChanges> whole) => whole
        .SelectMany(part => part.Devices.Select(record => $"{record.Name} {record.Epoch} {record.Present} {record.KeptFor}")
            .Concat(part.Accounts.Select(record => $"{record with { Lines = [] }} {string.Join(", ", record.Lines)}"))
            .Concat(part.Leases.Select(record => $"{record.Epoch} {record.Job.Id} {record.StartedAt:O} {record.YieldReason} {record.YieldFor} {record.IsOwed}"))
            .Concat(part.Queued.Select(record => $"{record.Key} {record.Order} {record.QueuedAt:O} {record.LastHost}"))
            .Concat((part.Promises ?? []).Select(record => record.ToString()))
            .Append($"{part.LastEpoch} {part.LastOrder} {part.FirstOrder}"))
        .Distinct()
        .Order(StringComparer.Ordinal);
}
