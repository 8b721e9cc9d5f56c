namespace Orchestrator.Planning.Plans;

/// <summary>What an experiment asks of the cluster; none of it changes a result. Null: it asks for nothing.</summary>
/// <param name="MaxDevices">Devices at once.</param>
/// <param name="MemoryBytes">Of each run, on its device.</param>
/// <param name="Priority">-1000 to 1000.</param>
/// <param name="Weight">Relative to other experiments.</param>
/// <param name="LostAttempts">Attempts in a row that a run may lose without a new checkpoint.</param>
/// <param name="OutOfMemoryRetries">Tries after one that ran out of memory alone.</param>
/// <param name="PluginRetries">Tries after one in which a plugin failed.</param>
public sealed record RunDemand(int? MaxDevices = null, long? MemoryBytes = null, int? Priority = null, double? Weight = null, int? LostAttempts = null, int? OutOfMemoryRetries = null, int? PluginRetries = null)
{
    public static RunDemand None { get; } = new();
}
