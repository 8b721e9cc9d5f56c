using Orchestrator.Grains.Scheduling.Waiting;

namespace Orchestrator.Grains.Scheduling.Decisions;

/// <summary>
/// What was tried in vain in the search for one decision: where one job could not be placed, no job can that needs the
/// same or takes longer.
/// </summary>
internal sealed class FailedPlacements
{
    private readonly Dictionary<(string? Kind, long Level, int Devices), TimeSpan> _shortest = [];
    private readonly HashSet<(string? Kind, long Level, int Devices, int Class)> _preemptions = [];

    public void Clear()
    {
        _shortest.Clear();
        _preemptions.Clear();
    }

    /// <summary>Also of those with a promise: they were tried first.</summary>
    public bool Contains(WaitingJob job) =>
        job.PromisedSince is not null || (_shortest.TryGetValue(Need(job), out var shortest) && LengthOf(job) >= shortest);

    public void Add(WaitingJob job)
    {
        // What a promise made possible for its job says nothing of others.
        if (job.PromisedSince is null)
            _shortest[Need(job)] = LengthOf(job);
    }

    public bool ContainsPreemption(WaitingJob job) => _preemptions.Contains(PreemptionOf(job));

    public void AddPreemption(WaitingJob job) => _preemptions.Add(PreemptionOf(job));

    private static TimeSpan LengthOf(WaitingJob job) => job.Demand.Duration ?? TimeSpan.MaxValue;

    private static (string? Kind, long Level, int Devices) Need(WaitingJob job) => (job.Shape.Kind, job.Shape.Level, job.Shape.Devices);

    private static (string? Kind, long Level, int Devices, int Class) PreemptionOf(WaitingJob job) =>
        (job.Shape.Kind, job.Shape.Level, job.Shape.Devices, job.Class);
}
