namespace Orchestrator.Grains.Scheduling.Devices;

/// <summary>What makes devices alike to a job.</summary>
/// <param name="Kind"><c>cpu</c>, <c>cuda</c>.</param>
/// <param name="Capacity">Memory that a job can use, bytes; the greatest number where it is unknown, since every job is then taken to fit.</param>
internal readonly record struct DeviceType(string Kind, long Capacity)
{
    public static DeviceType Of(string kind, long memoryBytes) => new(kind, memoryBytes == 0 ? long.MaxValue : memoryBytes);

    public bool Fits(string? kind, long memoryBytes) => Capacity >= memoryBytes && (kind is null || kind == Kind);
}
