using System.Diagnostics.CodeAnalysis;
using Orchestrator.Grains.Scheduling.Leases;
using Orchestrator.Grains.Scheduling.Waiting;

namespace Orchestrator.Grains.Scheduling.Devices;

/// <summary>The devices of a pool: which are there, which are free, which will be free next.</summary>
internal sealed class Fleet(SchedulingOptions options)
{
    private readonly SortedDictionary<string, Device> _devices = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Host> _hosts = [];
    private readonly Dictionary<DeviceType, int> _present = [];
    private readonly List<Device> _free = [];
    private readonly AvailabilityOrder _order = new();

    public IReadOnlyCollection<Device> Devices => _devices.Values;

    /// <summary>There and not leased, whether heard from or not; in no particular order.</summary>
    public IReadOnlyList<Device> Free => _free;

    /// <summary>Those that are there, the next to be free first.</summary>
    public IReadOnlyList<Device> ByAvailability => _order.Devices;

    /// <summary>Grows whenever a device comes, goes or becomes another one.</summary>
    public int Version { get; private set; }

    public bool TryGet(string name, [MaybeNullWhen(false)] out Device device) => _devices.TryGetValue(name, out device);

    public Host HostOf(Device device) => _hosts[device.HostName];

    public Device GetOrAdd(string name)
    {
        if (!_devices.TryGetValue(name, out var device))
        {
            _devices[name] = device = new Device(name);
            Meet(device);
        }

        return device;
    }

    /// <summary>Takes over what a device says about itself; false: nothing new.</summary>
    public bool Describe(Device device, string? kind, long memoryBytes, string? host, IReadOnlyCollection<string>? near)
    {
        var type = DeviceType.Of(kind ?? Device.KindOf(device.Name), memoryBytes);
        var (hostName, keys) = (host ?? device.Name, near ?? device.Near);
        if (device.Is(type, hostName, keys))
            return false;

        var wasPresent = device.Present;
        SetPresent(device, false);
        device.Become(type, hostName, keys);
        Meet(device);
        SetPresent(device, wasPresent);
        return true;
    }

    public void SetPresent(Device device, bool present)
    {
        if (device.Present == present)
            return;

        if (!present)
            Unlist(device);

        device.Present = present;
        var host = HostOf(device);
        host.Present += present ? 1 : -1;
        host.Busy += device.Lease is null ? 0 : present ? 1 : -1;
        _present[device.Type] = _present.GetValueOrDefault(device.Type) + (present ? 1 : -1);
        Version++;
        if (present)
            List(device);
    }

    public void SetLease(Device device, Lease? lease)
    {
        if (device.Present)
        {
            Unlist(device);
            HostOf(device).Busy += (lease is null ? 0 : 1) - (device.Lease is null ? 0 : 1);
        }

        device.Lease = lease;
        if (lease is not null)
            device.KeptFor = null;

        if (device.Present)
            List(device);
    }

    /// <summary>Puts the devices of a lease where their changed end belongs.</summary>
    public void Reorder(Lease lease)
    {
        foreach (var device in lease.Devices.Where(device => device.Present))
        {
            Unlist(device);
            List(device);
        }
    }

    /// <summary>Free, with room on its disk, and heard from within a TTL: may get a job.</summary>
    public bool IsUsable(Device device, DateTimeOffset now) =>
        device is { Present: true, Lease: null, IsDiskFull: false } && device.HeardAt > now - options.LeaseTtl;

    /// <summary>How many of the devices that are there could be part of a job: of the kind that has the most.</summary>
    public int CountFitting(in JobShape shape)
    {
        var most = 0;
        foreach (var (type, count) in _present)
        {
            if (!type.Fits(shape.Kind, shape.Level))
                continue;

            var alike = 0;
            foreach (var (other, others) in _present)
                alike += other.Kind == type.Kind && other.Fits(shape.Kind, shape.Level) ? others : 0;

            most = Math.Max(most, alike);
        }

        return most;
    }

    private void Meet(Device device)
    {
        if (!_hosts.ContainsKey(device.HostName))
            _hosts[device.HostName] = new Host(device.HostName);
    }

    private void List(Device device)
    {
        _order.Add(device, device.Lease?.Availability ?? Availability.Free);
        if (device.Lease is not null)
            return;

        device.FreeIndex = _free.Count;
        _free.Add(device);
    }

    private void Unlist(Device device)
    {
        _order.Remove(device);
        if (device.FreeIndex < 0)
            return;

        var last = _free[^1];
        _free[device.FreeIndex] = last;
        last.FreeIndex = device.FreeIndex;
        _free.RemoveAt(_free.Count - 1);
        device.FreeIndex = -1;
    }
}
