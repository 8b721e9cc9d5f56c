namespace Orchestrator.Grains.Scheduling.Devices;

/// <summary>Devices that are there, those first that are expected to be free first. Kept in order as they change, not sorted.</summary>
internal sealed class AvailabilityOrder : IComparer<Device>
{
    private readonly List<Device> _devices = [];

    public IReadOnlyList<Device> Devices => _devices;

    public void Add(Device device, Availability availability)
    {
        device.Availability = availability;
        _devices.Insert(~_devices.BinarySearch(device, this), device);
    }

    public void Remove(Device device)
    {
        var index = _devices.BinarySearch(device, this);
        if (index >= 0)
            _devices.RemoveAt(index);
    }

    public int Compare(Device? x, Device? y)
    {
        var byTime = x!.Availability.At.CompareTo(y!.Availability.At);
        if (byTime != 0)
            return byTime;

        var byCapacity = x.Type.Capacity.CompareTo(y.Type.Capacity); // the least device that will do
        return byCapacity != 0 ? byCapacity : string.CompareOrdinal(x.Name, y.Name);
    }
}
