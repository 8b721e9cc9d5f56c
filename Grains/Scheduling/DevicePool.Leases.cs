using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Scheduling.Devices;
using Orchestrator.Grains.Scheduling.Leases;

namespace Orchestrator.Grains.Scheduling;

/// <content>What devices say, and what their silence says.</content>
public sealed partial class DevicePool
{
    /// <summary>A device is there. Its job, where an earlier process had one, is lost.</summary>
    public LostLease? Register(DeviceInfo info)
    {
        var now = _time.GetUtcNow();
        var device = _fleet.GetOrAdd(info.Name);
        LostLease? lost = null;
        if (device.Lease is { } lease)
        {
            if (device.Incarnation != info.Incarnation)
                lost = Replaced(lease, device, info);
            else if (lease.Leader != device)
                _leases.Extend(device); // it is held for the leading device, which renews for itself
        }

        var version = _fleet.Version;
        var changed = _fleet.Describe(device, info.Kind, info.MemoryBytes, info.Host, info.Near);
        changed |= !device.Present || device.Incarnation != info.Incarnation;
        device.Incarnation = info.Incarnation;
        device.ProcessId = info.ProcessId;
        device.HeardAt = now;
        (device.FreeBytes, device.RequiredBytes) = (info.FreeBytes, info.RequiredBytes);
        _fleet.SetPresent(device, true);
        if (changed)
        {
            _recorder.Changed(device);
            _waiting.Meet(device.Type, _accounts.All);
        }

        if (_fleet.Version != version)
            _accounts.Refresh(_fleet, now, _recorder.Changed);

        return lost;
    }

    /// <summary>The device goes away in good order; its job, if any, is first in its experiment's queue.</summary>
    public void Unregister(string name, Guid incarnation)
    {
        if (!_fleet.TryGet(name, out var device) || device.Incarnation != incarnation)
            return;

        if (device.Lease is { } lease)
            End(lease, "", hasCheckpoint: true);

        Leave(device);
    }

    /// <summary>Makes a lease last for another TTL; false: there is no such lease.</summary>
    public bool Renew(string name, Guid incarnation, long epoch)
    {
        if (Hear(name, incarnation, epoch) is null || !_fleet.TryGet(name, out var device))
            return false;

        _leases.Extend(device);
        return true;
    }

    /// <summary>Ends a lease on its holder's word; false: there is no such lease.</summary>
    public bool Release(string name, Guid incarnation, long epoch)
    {
        if (Hear(name, incarnation, epoch) is not { } lease)
            return false;

        Close(lease);
        RefreshAll(lease, _time.GetUtcNow());
        return true;
    }

    /// <summary>
    /// The job of a lease made a checkpoint and gave its devices back: it is first in its experiment's queue, unless it was
    /// cancelled. False: there is no such lease.
    /// </summary>
    public bool Yielded(string name, Guid incarnation, long epoch)
    {
        if (Hear(name, incarnation, epoch) is not { } lease)
            return false;

        End(lease, "", hasCheckpoint: true);
        return true;
    }

    /// <summary>
    /// Ends the leases that were not renewed in time; the silent devices get nothing until they register again. Forgets what
    /// is long over.
    /// </summary>
    public IReadOnlyList<LostLease> Expire()
    {
        var lost = new List<LostLease>();
        foreach (var (lease, silent) in _leases.Expired())
            lost.Add(Lose(lease, silent, $"device {silent.Name} did not renew its lease for {_options.LeaseTtl.TotalSeconds:0.#} s"));

        foreach (var experiment in _accounts.Forget(_time.GetUtcNow()))
            _recorder.Forgotten(experiment);

        return lost;
    }

    /// <summary>Ends a lease whose job could not be handed to its device; null: it has ended otherwise.</summary>
    public LostLease? Undeliverable(string name, long epoch, string error) =>
        _fleet.TryGet(name, out var device) && device.Lease is { } lease && lease.Epoch == epoch
            ? Lose(lease, device, $"device {name} could not be reached ({error})")
            : null;

    /// <summary>Whatever a holder says, it lives.</summary>
    private Lease? Hear(string name, Guid incarnation, long epoch)
    {
        var lease = _leases.Find(name, incarnation, epoch);
        if (lease is not null && _fleet.TryGet(name, out var device))
            device.HeardAt = _time.GetUtcNow();

        return lease;
    }

    /// <summary>Only the end of the very process that held the lease says anything of it.</summary>
    private LostLease Replaced(Lease lease, Device device, DeviceInfo info)
    {
        var holder = info.Before is { } before && before.ProcessId == device.ProcessId ? before : null;
        var how = holder is null ? "was replaced" : $"{holder.Text} and was replaced";
        return End(lease, $"the process that served device {info.Name} {how}") with { Holder = holder };
    }

    private LostLease Lose(Lease lease, Device silent, string reason)
    {
        var lost = End(lease, reason);
        Leave(silent);
        return lost;
    }

    private void Leave(Device device)
    {
        _fleet.SetPresent(device, false);
        _recorder.Changed(device);
        _accounts.Refresh(_fleet, _time.GetUtcNow(), _recorder.Changed);
    }

    private LostLease End(Lease lease, string reason, bool hasCheckpoint = false)
    {
        Close(lease);
        var now = _time.GetUtcNow();
        if (!lease.Cancelled && !_waiting.Contains(new(lease.Job.Experiment, lease.Job.Id)))
        {
            var rest = hasCheckpoint ? lease.Rest(now) : lease.Job;
            _recorder.Changed(_waiting.AddFirst(rest, lease.Account, now, lease.Leader.HostName));
        }

        RefreshAll(lease, now);
        return new LostLease(lease.Job, lease.Epoch, lease.Cancelled, reason);
    }

    private void Close(Lease lease)
    {
        _leases.Close(lease);
        _waiting.End(lease);
        _recorder.Changed(lease);
        foreach (var device in lease.Devices.Where(device => device.KeptFor is not null))
            _recorder.Changed(device);
    }
}
