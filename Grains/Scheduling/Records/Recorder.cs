using Orchestrator.Abstractions;
using Orchestrator.Grains.Scheduling.Devices;
using Orchestrator.Grains.Scheduling.Gangs;
using Orchestrator.Grains.Scheduling.Leases;
using Orchestrator.Grains.Scheduling.Shares;
using Orchestrator.Grains.Scheduling.Waiting;

namespace Orchestrator.Grains.Scheduling.Records;

/// <summary>Notes what changed in a pool and writes it down on demand, each thing once and as it is then.</summary>
internal sealed class Recorder
{
    private readonly HashSet<Device> _devices = [];
    private readonly HashSet<Account> _accounts = [];
    private readonly HashSet<ExperimentId> _forgotten = [];
    private readonly HashSet<QueueKey> _queue = [];
    private readonly HashSet<long> _leases = [];
    private bool _promises;

    public void Changed(Device device) => _devices.Add(device);

    public void Changed(Account account) => _accounts.Add(account);

    public void Changed(WaitingJob job) => _queue.Add(job.Key);

    public void Changed(Lease lease) => _leases.Add(lease.Epoch);

    public void Forgotten(ExperimentId experiment) => _forgotten.Add(experiment);

    public void PromisesChanged() => _promises = true;

    /// <summary>What changed since the last call; null: nothing.</summary>
    public PoolChanges? Take(WaitingRoom waiting, LeaseBook leases, Reservations reservations)
    {
        if (_devices.Count + _accounts.Count + _forgotten.Count + _queue.Count + _leases.Count == 0 && !_promises)
            return null;

        var changes = Frame(waiting, leases) with
        {
            Devices = [.. _devices.Select(Write)],
            Accounts = [.. _accounts.Where(account => !_forgotten.Contains(account.Experiment)).Select(Write)],
            Forgotten = [.. _forgotten],
            Queued = [.. _queue.Where(waiting.Contains).Select(key => Write(waiting.Get(key)))],
            Unqueued = [.. _queue.Where(key => !waiting.Contains(key))],
            Leases = [.. _leases.Select(leases.Find).OfType<Lease>().Select(Write)],
            Ended = [.. _leases.Where(epoch => leases.Find(epoch) is null)],
            Promises = _promises ? Write(reservations) : null,
        };
        _devices.Clear();
        _accounts.Clear();
        _forgotten.Clear();
        _queue.Clear();
        _leases.Clear();
        _promises = false;
        return changes;
    }

    /// <summary>The whole pool, in parts that follow each other and have at most so many records each.</summary>
    public static IEnumerable<PoolChanges> Whole(
        Fleet fleet, Accounts accounts, WaitingRoom waiting, LeaseBook leases, Reservations reservations, int most)
    {
        var frame = Frame(waiting, leases);
        yield return frame with { Promises = Write(reservations) };
        foreach (var part in fleet.Devices.Chunk(most))
            yield return frame with { Devices = [.. part.Select(Write)] };

        foreach (var part in accounts.All.Chunk(most))
            yield return frame with { Accounts = [.. part.Select(Write)] };

        foreach (var part in leases.All.Chunk(most))
            yield return frame with { Leases = [.. part.Select(Write)] };

        foreach (var part in waiting.Jobs.Chunk(most))
            yield return frame with { Queued = [.. part.Select(Write)] };
    }

    private static PoolChanges Frame(WaitingRoom waiting, LeaseBook leases) => new()
    {
        LastEpoch = leases.LastEpoch,
        LastOrder = waiting.LastOrder,
        FirstOrder = waiting.FirstOrder,
    };

    private static DeviceRecord Write(Device device) => new()
    {
        Name = device.Name,
        Incarnation = device.Incarnation,
        Present = device.Present,
        Epoch = device.LastEpoch,
        Info = device.ToInfo(),
        KeptFor = device.KeptFor,
    };

    private static AccountRecord Write(Account account)
    {
        var (usage, usageAt) = account.UsageRecord;
        return new AccountRecord(
            account.Experiment,
            account.Weight,
            account.Priority,
            account.MaxDevices,
            account.Paused,
            usage,
            usageAt,
            [.. account.Lines.Where(line => line.Since is not null).Select(line => new LineRecord(line.Priority, line.Since!.Value))]);
    }

    private static QueueRecord Write(WaitingJob job) => new(job.Job, job.Order, job.QueuedAt, job.LastHost);

    private static LeaseRecord Write(Lease lease) => new(
        lease.Epoch,
        lease.Job,
        [.. lease.Devices.Select(device => device.Name)],
        lease.StartedAt,
        lease.Cancelled,
        lease.YieldReason,
        lease.YieldFor,
        lease.IsOwed);

    private static List<PromiseRecord> Write(Reservations reservations) =>
        [.. reservations.Jobs.Select(job => new PromiseRecord(job.Key, job.PromisedSince!.Value))];
}
