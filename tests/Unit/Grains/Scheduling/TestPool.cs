using Orchestrator.Abstractions;
using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Scheduling;
using Orchestrator.Grains.Scheduling.Decisions;
using Orchestrator.Grains.Scheduling.Records;
using Xunit;

namespace Orchestrator.Unit.Grains.Scheduling;

/// <summary>A pool with a clock that moves when told, whose every change is kept as it would be on disk.</summary>
internal sealed class TestPool
{
    private readonly PoolRecords _records = new();
    private readonly Dictionary<string, DeviceInfo> _devices = [];

    public TestPool(SchedulingOptions? options = null)
    {
        Options = options ?? new SchedulingOptions();
        Pool = new DevicePool(_records, Options, Time);
    }

    public ManualTime Time { get; } = new();

    public SchedulingOptions Options { get; }

    public DevicePool Pool { get; private set; }

    /// <summary>Ids of waiting jobs, in the order in which they were queued.</summary>
    public IEnumerable<string> Queue => Pool.Status().Queued.Select(job => job.Id);

    /// <summary>The devices at work and the ids of their jobs, by device.</summary>
    public IEnumerable<(string Device, string Job)> Running =>
        Pool.Status().Leases.Where(lease => lease.Job is not null).Select(lease => (lease.Device.Name, lease.Job!.Id));

    /// <summary>A job with the ids of its stages, which name what it is.</summary>
    public static JobRequest Job(string experiment, params string[] stages) => new(
        string.Join(',', stages), new ExperimentId(experiment), [.. stages.Select(stage => new JobStage(new StageKey(stage), "{}"))]);

    public static ExperimentId Id(string experiment) => new(experiment);

    /// <summary>A device is there, or is heard from again.</summary>
    public DeviceInfo Register(string name, int gibibytes = 0, string? host = null, params string[] near)
    {
        if (!_devices.TryGetValue(name, out var info))
            _devices[name] = info = new DeviceInfo(name, Guid.NewGuid()) { MemoryBytes = (long)gibibytes << 30, Host = host, Near = near };

        Pool.Register(info);
        return info;
    }

    public bool Enqueue(string experiment, string stage, JobDemand? demand = null) => Pool.Enqueue(Job(experiment, stage) with { Demand = demand });

    /// <summary>Grants the next decision, which must be a start.</summary>
    public JobAssignment Grant()
    {
        var decision = (StartDecision)Pool.Next()!;
        return Pool.Grant(decision, decision.Job.Stages);
    }

    /// <summary>Does all that can be done now, and says what it was.</summary>
    public List<string> Settle()
    {
        var done = new List<string>();
        while (Pool.Next() is { } decision)
        {
            if (decision is StartDecision start)
            {
                Pool.Grant(start, start.Job.Stages);
                done.Add($"{start.Job.Id} on {string.Join(", ", start.Devices)}");
            }
            else if (decision is YieldDecision yield)
            {
                Pool.Ask(yield);
                done.Add($"{string.Join(", ", yield.Victims.Select(job => job.Id))} yield to {yield.For?.Id ?? "nobody"}");
            }
        }

        return done;
    }

    /// <summary>A running job ends.</summary>
    public void Release(string job)
    {
        var lease = LeaseOf(job);
        Assert.True(Pool.Release(lease.Device.Name, lease.Device.Incarnation, lease.Epoch));
    }

    /// <summary>A running job made room.</summary>
    public void Yield(string job)
    {
        var lease = LeaseOf(job);
        Assert.True(Pool.Yielded(lease.Device.Name, lease.Device.Incarnation, lease.Epoch));
    }

    public LeaseStatus LeaseOf(string job) => Pool.Status().Leases.First(lease => lease.Job?.Id == job);

    /// <summary>Time goes by in heartbeats: whatever holds a lease renews it, whatever is free says so.</summary>
    public void Run(TimeSpan time)
    {
        var beat = Options.LeaseTtl / 3;
        for (var left = time; left > TimeSpan.Zero; left -= beat)
        {
            Time.Advance((left < beat ? left : beat).TotalSeconds);
            foreach (var lease in Pool.Status().Leases)
            {
                Pool.Renew(lease.Device.Name, lease.Device.Incarnation, lease.Epoch);
                if (lease.Job is null && _devices.TryGetValue(lease.Device.Name, out var info))
                    Pool.Register(info);
            }
        }
    }

    /// <summary>The scheduler's process ends and another one takes up its records; devices say that they are there.</summary>
    public void Restart()
    {
        Flush();
        Pool = new DevicePool(_records, Options, Time);
        foreach (var lease in Pool.Status().Leases.Where(lease => lease.Job is null))
            Pool.Register(lease.Device);
    }

    /// <summary>A pool of its own from the sum of all changes.</summary>
    public DevicePool FromChanges()
    {
        Flush();
        return new DevicePool(_records, Options, Time);
    }

    /// <summary>A pool of its own from the whole of this one.</summary>
    public DevicePool Copy()
    {
        Flush();
        var copy = new PoolRecords();
        foreach (var part in Pool.Whole(7))
            copy.Apply(part);

        return new DevicePool(copy, Options, Time);
    }

    private void Flush()
    {
        if (Pool.TakeChanges() is { } changes)
            _records.Apply(changes);
    }
}
