using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Scheduling.Devices;
using Orchestrator.Grains.Scheduling.Shares;

namespace Orchestrator.Grains.Scheduling.Leases;

/// <summary>Which device is leased, under which epoch, and until when.</summary>
/// <remarks>
/// After a restart every lease is good for a whole TTL again, because its holder may be at work: that delays a
/// replacement, and cannot make two holders.
/// </remarks>
internal sealed class LeaseBook(Fleet fleet, SchedulingOptions options, TimeProvider time)
{
    private readonly SortedDictionary<long, Lease> _leases = [];
    private readonly List<Lease> _yielding = [];

    /// <summary>By epoch.</summary>
    public IReadOnlyCollection<Lease> All => _leases.Values;

    /// <summary>Those whose job was asked to make room.</summary>
    public IReadOnlyList<Lease> Yielding => _yielding;

    /// <summary>The last epoch given to a lease.</summary>
    public long LastEpoch { get; set; }

    public Lease? Find(long epoch) => _leases.GetValueOrDefault(epoch);

    /// <summary>The lease that a device holds under this epoch; null: there is no such lease.</summary>
    public Lease? Find(string device, Guid incarnation, long epoch) =>
        fleet.TryGet(device, out var found) && found.Lease is { } lease && found.Incarnation == incarnation && lease.Epoch == epoch
            ? lease
            : null;

    /// <summary>Leases free devices under a new epoch.</summary>
    public Lease Open(JobRequest job, Account account, IReadOnlyList<Device> devices, bool isOwed)
    {
        var now = time.GetUtcNow();
        var lease = new Lease(++LastEpoch, job, account, devices, now) { IsOwed = isOwed };
        account.Hold(devices.Count, now);
        foreach (var device in devices)
            device.LastEpoch = lease.Epoch;

        Add(lease);
        return lease;
    }

    /// <summary>Takes up a lease from before a restart.</summary>
    public void Restore(Lease lease)
    {
        lease.Account.RestoreHeld(lease.Devices.Count);
        Add(lease);
        if (lease.IsYielding || lease.Cancelled)
            AskBack(lease);

        if (lease.IsYielding)
            _yielding.Add(lease);
    }

    /// <summary>Makes a device's part of a lease last for another TTL.</summary>
    public void Extend(Device device) => device.ExpiresAt = time.GetUtcNow() + options.LeaseTtl;

    /// <summary>Leases with a device that was not heard from in time, and that device.</summary>
    public IReadOnlyList<(Lease Lease, Device Silent)> Expired()
    {
        var now = time.GetUtcNow();
        List<(Lease, Device)> expired = [];
        foreach (var lease in _leases.Values)
        {
            foreach (var device in lease.Devices)
            {
                if (device.ExpiresAt > now)
                    continue;

                expired.Add((lease, device));
                break;
            }
        }

        return expired;
    }

    public void AskToYield(Lease lease, string reason)
    {
        lease.YieldReason = reason;
        AskBack(lease);
        _yielding.Add(lease);
    }

    public void Cancel(Lease lease)
    {
        lease.Cancelled = true;
        AskBack(lease);
    }

    /// <summary>Frees the devices of a lease.</summary>
    public void Close(Lease lease)
    {
        _leases.Remove(lease.Epoch);
        _yielding.Remove(lease);
        lease.Account.Hold(-lease.Devices.Count, time.GetUtcNow());
        if (lease.IsLeaving)
            lease.Account.Leaving -= lease.Devices.Count;

        foreach (var device in lease.Devices)
        {
            fleet.SetLease(device, null);
            device.KeptFor = lease.YieldFor;
        }
    }

    private void AskBack(Lease lease)
    {
        if (!lease.IsLeaving)
            lease.Account.Leaving += lease.Devices.Count;

        lease.IsLeaving = true;
        fleet.Reorder(lease);
    }

    private void Add(Lease lease)
    {
        _leases.Add(lease.Epoch, lease);
        foreach (var device in lease.Devices)
        {
            fleet.SetLease(device, lease);
            Extend(device);
        }
    }
}
