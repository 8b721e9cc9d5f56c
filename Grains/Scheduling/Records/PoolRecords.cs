using Orchestrator.Abstractions;
using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Grains.Scheduling.Records;

/// <summary>What is durable of a pool, put together from changes in the order in which they were written.</summary>
public sealed class PoolRecords
{
    private readonly Dictionary<string, DeviceRecord> _devices = [];
    private readonly Dictionary<ExperimentId, AccountRecord> _accounts = [];
    private readonly Dictionary<QueueKey, QueueRecord> _queue = [];
    private readonly Dictionary<long, LeaseRecord> _leases = [];

    public long LastEpoch { get; private set; }

    public long LastOrder { get; private set; }

    public long FirstOrder { get; private set; }

    public IReadOnlyCollection<DeviceRecord> Devices => _devices.Values;

    public IReadOnlyCollection<AccountRecord> Accounts => _accounts.Values;

    public IReadOnlyCollection<QueueRecord> Queue => _queue.Values;

    public IReadOnlyCollection<LeaseRecord> Leases => _leases.Values;

    public IReadOnlyList<PromiseRecord> Promises { get; private set; } = [];

    /// <summary>Bytes that it takes, roughly.</summary>
    public long Size => (100L * (_devices.Count + _accounts.Count))
        + _queue.Values.Sum(record => (long)PoolChanges.SizeOf(record.Job)) + _leases.Values.Sum(record => (long)PoolChanges.SizeOf(record.Job));

    /// <summary>What a scheduler kept before there were changes: everything in one piece.</summary>
    /// <param name="lastEpoch">The last epoch given to a lease.</param>
    /// <param name="queue">Waiting jobs, next first.</param>
    /// <param name="devices">Devices, with their jobs.</param>
    /// <param name="now">Since when the jobs wait or run, which was not kept.</param>
    public static PoolRecords FromWhole(long lastEpoch, IReadOnlyList<JobRequest> queue, IEnumerable<DeviceRecord> devices, DateTimeOffset now)
    {
        var all = devices.ToList();
        var records = new PoolRecords();
        records.Apply(new PoolChanges
        {
            LastEpoch = lastEpoch,
            LastOrder = queue.Count,
            Devices = all.ConvertAll(device => device with { Job = null, Cancelled = false }),
            Queued = [.. queue.Select((job, index) => new QueueRecord(job, index + 1, now, null)).DistinctBy(record => record.Key)],
            Leases = [.. all.Where(device => device.Job is not null).Select(device =>
                new LeaseRecord(device.Epoch, device.Job!, [device.Name], now, device.Cancelled, null, null, IsOwed: false))],
        });
        return records;
    }

    public void Apply(PoolChanges changes)
    {
        LastEpoch = changes.LastEpoch;
        LastOrder = changes.LastOrder;
        FirstOrder = changes.FirstOrder;
        foreach (var device in changes.Devices)
            _devices[device.Name] = device;

        foreach (var experiment in changes.Forgotten)
            _accounts.Remove(experiment);

        foreach (var account in changes.Accounts)
            _accounts[account.Experiment] = account;

        foreach (var key in changes.Unqueued)
            _queue.Remove(key);

        foreach (var job in changes.Queued)
            _queue[job.Key] = job;

        foreach (var epoch in changes.Ended)
            _leases.Remove(epoch);

        foreach (var lease in changes.Leases)
            _leases[lease.Epoch] = lease;

        Promises = changes.Promises ?? Promises;
    }
}
