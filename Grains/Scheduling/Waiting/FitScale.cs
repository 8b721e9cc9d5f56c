using Orchestrator.Grains.Scheduling.Devices;

namespace Orchestrator.Grains.Scheduling.Waiting;

/// <summary>
/// The memory sizes of the devices known so far. Jobs that fit the same devices are alike, so that a queue has as many
/// shapes as there are sorts of device, not as there are estimates.
/// </summary>
internal sealed class FitScale
{
    private readonly List<long> _all = [];
    private readonly Dictionary<string, List<long>> _byKind = [];

    /// <summary>Learns of a type; false: nothing new.</summary>
    public bool Add(DeviceType type)
    {
        if (!_byKind.TryGetValue(type.Kind, out var sizes))
            _byKind[type.Kind] = sizes = [];

        Insert(_all, type.Capacity);
        return Insert(sizes, type.Capacity);
    }

    /// <summary>The least memory of a known device of this kind that is at least what is asked for.</summary>
    public long Level(string? kind, long memoryBytes)
    {
        var sizes = kind is null ? _all : _byKind.GetValueOrDefault(kind);
        if (sizes is null)
            return long.MaxValue;

        var index = sizes.BinarySearch(memoryBytes);
        index = index < 0 ? ~index : index;
        return index < sizes.Count ? sizes[index] : long.MaxValue;
    }

    private static bool Insert(List<long> sizes, long size)
    {
        var index = sizes.BinarySearch(size);
        if (index >= 0)
            return false;

        sizes.Insert(~index, size);
        return true;
    }
}
