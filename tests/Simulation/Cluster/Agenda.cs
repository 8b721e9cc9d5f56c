namespace Orchestrator.Simulation.Cluster;

/// <summary>What will happen, by time; of things at the same time, what was written down first.</summary>
internal sealed class Agenda
{
    private readonly PriorityQueue<Action, (DateTimeOffset At, long Number)> _entries = new();
    private long _number;

    public void Add(DateTimeOffset at, Action happening) => _entries.Enqueue(happening, (at, _number++));

    /// <summary>Whether something else happens at this very time.</summary>
    public bool HasMoreAt(DateTimeOffset at) => _entries.TryPeek(out _, out var next) && next.At == at;

    public bool TryTake(out DateTimeOffset at, out Action happening)
    {
        var any = _entries.TryDequeue(out happening!, out var key);
        at = key.At;
        return any;
    }
}
