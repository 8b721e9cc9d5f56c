using Orchestrator.Contracts.Scheduling;
using Xunit;

namespace Orchestrator.Unit.Grains.Scheduling;

public sealed class PlacementTests
{
    private readonly TestPool _test = new();

    [Fact]
    public void LeastMemoryThatWillDo_IsTaken()
    {
        _test.Register("cuda:0", 80);
        _test.Register("cuda:1", 24);
        _test.Register("cuda:2", 40);
        _test.Enqueue("a", "dictionary-1", Needs(30));
        _test.Enqueue("a", "dictionary-2", Needs(10));
        _test.Enqueue("a", "dictionary-3", Needs(30));
        Assert.Equal(["dictionary-1 on cuda:2", "dictionary-2 on cuda:1", "dictionary-3 on cuda:0"], _test.Settle());
    }

    [Fact]
    public void JobThatFitsNothingFree_LetsOthersPass_AndGetsTheNextThatDoes()
    {
        _test.Register("cuda:0", 80);
        _test.Register("cuda:1", 24);
        _test.Enqueue("a", "dictionary-1", Needs(60));
        _test.Settle();
        _test.Enqueue("b", "dictionary-2", Needs(60));
        _test.Enqueue("b", "dictionary-3", Needs(10));
        Assert.Equal(["dictionary-3 on cuda:1"], _test.Settle());
        _test.Release("dictionary-1");
        Assert.Equal(["dictionary-2 on cuda:0"], _test.Settle());
    }

    [Fact]
    public void UnknownMemory_OfAJobOrADevice_IsTakenToFit()
    {
        _test.Register("cuda:0");
        _test.Register("cuda:1", 24);
        _test.Enqueue("a", "dictionary-1");
        _test.Enqueue("a", "dictionary-2", Needs(500));
        Assert.Equal(["dictionary-1 on cuda:1", "dictionary-2 on cuda:0"], _test.Settle());
    }

    [Fact]
    public void DeviceOfANewSize_TakesJobsThatWaitedForIt()
    {
        _test.Register("cuda:0", 24);
        _test.Enqueue("a", "dictionary-1", Needs(30));
        _test.Enqueue("a", "dictionary-2", Needs(60));
        Assert.Empty(_test.Settle());
        _test.Register("cuda:1", 40);
        Assert.Equal(["dictionary-1 on cuda:1"], _test.Settle());
        _test.Register("cuda:2", 80);
        Assert.Equal(["dictionary-2 on cuda:2"], _test.Settle());
    }

    [Fact]
    public void Kind_IsRespected()
    {
        _test.Register("cpu", 500);
        _test.Enqueue("a", "dictionary-1", new JobDemand { Kind = "cuda" });
        Assert.Empty(_test.Settle());
        _test.Register("cuda:0", 24);
        Assert.Equal(["dictionary-1 on cuda:0"], _test.Settle());
        _test.Enqueue("a", "analysis-1", new JobDemand { Kind = "cpu" });
        Assert.Equal(["analysis-1 on cpu"], _test.Settle());
    }

    [Fact]
    public void Checkpoint_ThenStream_ThenInputs_ThenLoad_DecideAmongDevicesOfOneSize()
    {
        var hosts = new[] { "idle", "inputs", "stream", "checkpoint", "busy" };
        foreach (var host in hosts)
        {
            _test.Register($"cuda:{host}-0", 24, host, host == "inputs" ? ["tokens-1", "model-1"] : []);
            if (host != "idle")
                _test.Register($"cuda:{host}-1", 24, host);
        }

        var demand = new JobDemand { CheckpointHost = "checkpoint", StreamHosts = ["stream"], Inputs = ["model-1", "tokens-1"] };
        _test.Enqueue("a", "dictionary-1", demand);
        _test.Enqueue("a", "dictionary-2", demand with { CheckpointHost = "elsewhere" });
        _test.Enqueue("a", "dictionary-3", demand with { CheckpointHost = null, StreamHosts = [] });
        Assert.Equal(
            ["dictionary-1 on cuda:checkpoint-0", "dictionary-2 on cuda:stream-0", "dictionary-3 on cuda:inputs-0"], _test.Settle());

        // Nothing lies anywhere: the host with the least to do, then by name.
        _test.Enqueue("a", "dictionary-4");
        _test.Enqueue("a", "dictionary-5");
        _test.Enqueue("a", "dictionary-6");
        Assert.Equal(
            ["dictionary-4 on cuda:busy-0", "dictionary-5 on cuda:idle-0", "dictionary-6 on cuda:busy-1"], _test.Settle());
    }

    [Fact]
    public void Memory_GoesBeforePlace()
    {
        _test.Register("cuda:0", 80, "near");
        _test.Register("cuda:1", 24, "far");
        _test.Enqueue("a", "dictionary-1", Needs(10) with { CheckpointHost = "near" });
        Assert.Equal(["dictionary-1 on cuda:1"], _test.Settle());
    }

    [Fact]
    public void LostJob_ReturnsToTheHostOfItsCheckpoint()
    {
        var first = _test.Register("cuda:z0", 24, "z");
        _test.Enqueue("a", "dictionary-1");
        _test.Settle();
        _test.Register("cuda:a0", 24, "a");
        _test.Register("cuda:z1", 24, "z");
        _test.Pool.Unregister("cuda:z0", first.Incarnation);
        Assert.Equal(["dictionary-1 on cuda:z1"], _test.Settle());
    }

    private static JobDemand Needs(int gibibytes) => new() { MemoryBytes = (long)gibibytes << 30 };
}
