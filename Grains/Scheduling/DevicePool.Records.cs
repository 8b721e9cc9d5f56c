using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Scheduling.Leases;
using Orchestrator.Grains.Scheduling.Records;
using Orchestrator.Grains.Scheduling.Shares;
using Orchestrator.Grains.Scheduling.Waiting;

namespace Orchestrator.Grains.Scheduling;

/// <content>The way back from records.</content>
public sealed partial class DevicePool
{
    private void Restore(PoolRecords records)
    {
        _leases.LastEpoch = records.LastEpoch;
        _waiting.LastOrder = records.LastOrder;
        _waiting.FirstOrder = records.FirstOrder;
        foreach (var record in records.Devices)
            Restore(record);

        foreach (var record in records.Accounts)
            Restore(record);

        foreach (var record in records.Leases.OrderBy(record => record.Epoch))
            Restore(record);

        foreach (var record in records.Queue.OrderBy(record => record.Order))
            _waiting.Add(new WaitingJob(record.Job, AccountOf(record.Job), record.Order, record.QueuedAt, record.LastHost));

        foreach (var record in records.Promises)
        {
            if (_waiting.TryGet(record.Job, out var job))
                _reservations.Restore(job, record.Since);
        }

        RestoreClocks(records);
    }

    private void Restore(DeviceRecord record)
    {
        var info = record.Info ?? new DeviceInfo(record.Name, record.Incarnation);
        var device = _fleet.GetOrAdd(record.Name);
        device.Incarnation = record.Incarnation;
        device.ProcessId = info.ProcessId;
        device.LastEpoch = record.Epoch;
        device.KeptFor = record.KeptFor;
        _fleet.Describe(device, info.Kind, info.MemoryBytes, info.Host, info.Near);
        _fleet.SetPresent(device, record.Present);
        _waiting.Meet(device.Type, _accounts.All);
    }

    private void Restore(AccountRecord record)
    {
        var account = _accounts.GetOrAdd(record.Experiment, record.UsageAt);
        account.Priority = record.Priority;
        account.MaxDevices = record.MaxDevices;
        account.Paused = record.Paused;
        account.Restore(record.Weight, record.Usage, record.UsageAt);
    }

    private void Restore(LeaseRecord record)
    {
        var lease = new Lease(
            record.Epoch, record.Job, AccountOf(record.Job), [.. record.Devices.Select(_fleet.GetOrAdd)], record.StartedAt)
        {
            Cancelled = record.Cancelled,
            YieldReason = record.YieldReason,
            YieldFor = record.YieldFor,
            IsOwed = record.IsOwed,
        };
        _leases.Restore(lease);
        _waiting.Begin(lease);
    }

    private void RestoreClocks(PoolRecords records)
    {
        foreach (var record in records.Accounts)
        {
            foreach (var line in record.Lines)
            {
                if (_accounts.TryGet(record.Experiment, out var account) && account.Lines.Find(known => known.Priority == line.Priority) is { } found)
                    found.Since = line.Since;
            }
        }

        _accounts.Refresh(_fleet, _time.GetUtcNow(), _recorder.Changed);
    }

    private Account AccountOf(JobRequest job) => _accounts.GetOrAdd(job.Experiment, _time.GetUtcNow());
}
