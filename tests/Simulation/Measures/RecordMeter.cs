using Orchestrator.Grains.Scheduling.Records;

namespace Orchestrator.Simulation.Measures;

/// <summary>What a scheduler would have written.</summary>
public sealed class RecordMeter
{
    public long Writes { get; private set; }

    /// <summary>Bytes, roughly.</summary>
    public long Size { get; private set; }

    public void Add(PoolChanges changes)
    {
        Writes++;
        Size += changes.Size;
    }
}
