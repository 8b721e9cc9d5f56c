using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Scheduling.Decisions;
using Xunit;
using static Orchestrator.Unit.Grains.Scheduling.TestPool;

namespace Orchestrator.Unit.Grains.Scheduling;

public sealed class PreemptionTests
{
    private static readonly TimeSpan MinimumRun = TimeSpan.FromMinutes(10);

    private readonly TestPool _test = new();

    [Fact]
    public void HigherClass_GoesFirst_AlsoWithinAnExperiment()
    {
        _test.Register("cuda:0");
        _test.Enqueue("a", "dictionary-1");
        _test.Enqueue("a", "dictionary-2", new JobDemand { Priority = 1 });
        _test.Enqueue("b", "dictionary-3");
        _test.Pool.SetPriority(Id("b"), 2);
        Assert.Equal("dictionary-3", _test.Grant().Job.Id);
        _test.Release("dictionary-3");
        Assert.Equal("dictionary-2", _test.Grant().Job.Id);
    }

    [Fact]
    public void HigherClass_PreemptsOne_AfterItsMinimumRun_AndTheVictimGoesOnAfterwards()
    {
        _test.Register("cuda:0");
        _test.Register("cuda:1");
        _test.Enqueue("low", "dictionary-1");
        _test.Enqueue("low", "dictionary-2");
        _test.Enqueue("low", "dictionary-3");
        _test.Settle();
        _test.Pool.SetPriority(Id("high"), 1);
        _test.Enqueue("high", "model-1");
        _test.Run(MinimumRun - TimeSpan.FromSeconds(1));
        Assert.Empty(_test.Settle());

        _test.Run(TimeSpan.FromSeconds(1));
        var decision = Assert.IsType<YieldDecision>(_test.Pool.Next());
        Assert.Equal("dictionary-2", Assert.Single(decision.Victims).Id); // what began last
        Assert.Equal("model-1", decision.For?.Id);
        Assert.Contains("model-1 of high has class 1, which is above class 0", decision.Reason);
        var asked = Assert.Single(_test.Pool.Ask(decision));
        Assert.Equal("cuda:1", Assert.Single(asked.Devices!));
        Assert.Empty(_test.Settle()); // nobody else is asked while it makes its checkpoint
        Assert.Equal(asked.Epoch, Assert.Single(_test.Pool.Yielding()).Epoch);

        _test.Yield("dictionary-2");
        Assert.Equal(["model-1 on cuda:1"], _test.Settle());
        _test.Release("model-1");
        Assert.Equal(["dictionary-2 on cuda:1"], _test.Settle()); // first of its queue again
    }

    [Fact]
    public void EqualClass_IsNeverPreempted()
    {
        _test.Register("cuda:0");
        _test.Pool.SetPriority(Id("a"), 5);
        _test.Pool.SetPriority(Id("b"), 5);
        _test.Enqueue("a", "dictionary-1");
        _test.Settle();
        _test.Enqueue("b", "dictionary-2");
        _test.Run(TimeSpan.FromHours(3));
        Assert.Empty(_test.Settle());
    }

    [Fact]
    public void WhatHasNoCheckpoint_IsNeverPreempted()
    {
        _test.Register("cuda:0");
        _test.Enqueue("low", "analysis-1");
        _test.Settle();
        _test.Enqueue("high", "model-1", new JobDemand { Priority = 1 });
        _test.Run(TimeSpan.FromHours(3));
        Assert.Empty(_test.Settle());
    }

    [Fact]
    public void Gang_PreemptsOnlyWhatIsMissing_OfTheLowestClass_OrNobody()
    {
        for (var i = 0; i < 4; i++)
            _test.Register($"cuda:{i}");

        _test.Enqueue("low", "dictionary-1");
        _test.Enqueue("lowest", "dictionary-2", new JobDemand { Priority = -1 });
        _test.Enqueue("low", "dictionary-3");
        _test.Settle();
        _test.Run(MinimumRun);
        _test.Enqueue("high", "model-5", new JobDemand { Priority = 1, Devices = 5 });
        Assert.Empty(_test.Settle()); // it could not start even if all made room

        _test.Pool.Cancel(Id("high"));
        _test.Enqueue("high", "model-2", new JobDemand { Priority = 1, Devices = 2 });
        Assert.Equal(["dictionary-2 yield to model-2"], _test.Settle()); // one device is free already
        _test.Yield("dictionary-2");
        Assert.Equal(["model-2 on cuda:2, cuda:3"], _test.Settle());
    }

    [Fact]
    public void Victims_AreNotMoreThanNeeded_WhereALargeOneComesLast()
    {
        for (var i = 0; i < 5; i++)
            _test.Register($"cuda:{i}");

        _test.Enqueue("lowest", "dictionary-1", new JobDemand { Priority = -2 });
        _test.Enqueue("low", "dictionary-4", new JobDemand { Priority = -1, Devices = 4 });
        _test.Settle();
        _test.Run(MinimumRun);
        _test.Enqueue("high", "model-4", new JobDemand { Devices = 4 });

        // The single one is of the lowest class, but it does not help: the gang's four devices are enough.
        Assert.Equal(["dictionary-4 yield to model-4"], _test.Settle());
    }

    [Fact]
    public void UrgentSweep_IsMadeRoomForAtOnce_OneVictimForEachJob_AndNoMoreThanItMayHold()
    {
        for (var i = 0; i < 6; i++)
        {
            _test.Register($"cuda:{i}");
            _test.Enqueue("low", $"dictionary-{i}");
        }

        _test.Settle();
        _test.Run(MinimumRun);
        _test.Pool.SetPriority(Id("high"), 1);
        _test.Pool.SetMaxDevices(Id("high"), 4);
        for (var i = 0; i < 5; i++)
            _test.Enqueue("high", $"model-{i}");

        Assert.Equal(
            ["dictionary-5 yield to model-0", "dictionary-4 yield to model-1", "dictionary-3 yield to model-2", "dictionary-2 yield to model-3"],
            _test.Settle());
        foreach (var victim in new[] { 5, 3, 2, 4 })
            _test.Yield($"dictionary-{victim}");

        Assert.Equal(4, _test.Settle().Count(done => done.StartsWith("model", StringComparison.Ordinal)));
        Assert.Equal(["dictionary-0", "dictionary-1"], _test.Running.Select(running => running.Job).Where(job => job.StartsWith("dictionary", StringComparison.Ordinal)));
    }

    [Fact]
    public void DevicesOfAVictim_AreForWhomItMadeRoom()
    {
        _test.Register("cuda:0");
        _test.Register("cuda:1");
        _test.Enqueue("low", "dictionary-1");
        _test.Enqueue("low", "dictionary-2");
        _test.Settle();
        _test.Run(MinimumRun);
        _test.Enqueue("high", "model-1", new JobDemand { Priority = 1, Devices = 2 });
        Assert.Equal(["dictionary-2, dictionary-1 yield to model-1"], _test.Settle());

        // One has made room; the other still writes its checkpoint. Nobody takes the free one, nobody more is asked.
        _test.Yield("dictionary-1");
        _test.Enqueue("other", "dictionary-3");
        _test.Enqueue("highest", "model-2", new JobDemand { Priority = 1 });
        Assert.Empty(_test.Settle());
        _test.Yield("dictionary-2");
        Assert.Equal("model-1 on cuda:0, cuda:1", _test.Settle()[0]);
    }

    [Fact]
    public void TwoExperiments_WhoseClassesAreSwapped_DoNotPreemptEachOtherInTurns()
    {
        _test.Register("cuda:0");
        _test.Pool.SetPriority(Id("a"), 1);
        _test.Enqueue("a", "dictionary-a");
        _test.Enqueue("b", "dictionary-b");
        _test.Settle();
        var preemptions = 0;
        for (var minute = 0; minute < 120; minute++)
        {
            // Somebody swaps the classes every minute.
            _test.Pool.SetPriority(Id("a"), minute % 2);
            _test.Pool.SetPriority(Id("b"), (minute + 1) % 2);
            _test.Run(TimeSpan.FromMinutes(1));
            foreach (var done in _test.Settle().Where(done => done.Contains("yield")))
            {
                preemptions++;
                _test.Yield(done.Split(' ')[0]);
            }

            _test.Settle();
        }

        Assert.InRange(preemptions, 1, 12); // not before each one's ten minutes are over
    }

    [Fact]
    public void Pause_MakesRoom_ForNobodyInParticular_AndKeepsTheQueue()
    {
        _test.Register("cuda:0");
        _test.Register("cuda:1");
        _test.Enqueue("a", "dictionary-1");
        _test.Enqueue("a", "analysis-1");
        _test.Settle();
        _test.Enqueue("a", "dictionary-2");
        _test.Pool.SetPaused(Id("a"), true);
        Assert.Equal(["dictionary-1 yield to nobody"], _test.Settle()); // the analysis would begin again: it runs to its end
        _test.Yield("dictionary-1");
        Assert.Empty(_test.Settle());
        Assert.Equal(["dictionary-1", "dictionary-2"], _test.Queue);

        _test.Pool.SetPaused(Id("a"), false);
        Assert.Equal(["dictionary-1 on cuda:0"], _test.Settle());
    }

    [Fact]
    public void CancelledWhileItMakesRoom_DoesNotReturn()
    {
        _test.Register("cuda:0");
        _test.Enqueue("low", "dictionary-1");
        _test.Settle();
        _test.Run(MinimumRun);
        _test.Enqueue("high", "model-1", new JobDemand { Priority = 1 });
        _test.Settle();
        _test.Pool.Cancel(Id("low"));
        _test.Yield("dictionary-1");
        Assert.Equal(["model-1"], _test.Queue);
    }

    [Fact]
    public void YieldedJob_HasLessToDo()
    {
        _test.Register("cuda:0");
        _test.Enqueue("low", "dictionary-1", new JobDemand { Duration = TimeSpan.FromHours(2) });
        _test.Settle();
        _test.Run(TimeSpan.FromHours(1.5));
        _test.Enqueue("high", "model-1", new JobDemand { Priority = 1 });
        _test.Settle();
        _test.Yield("dictionary-1");
        Assert.Equal(TimeSpan.FromHours(0.5), _test.Pool.Status().Queued.Single(job => job.Id == "dictionary-1").Demand?.Duration);
    }
}
