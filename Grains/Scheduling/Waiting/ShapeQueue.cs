using Orchestrator.Grains.Scheduling.Devices;

namespace Orchestrator.Grains.Scheduling.Waiting;

/// <summary>The ready jobs of one shape in one line, in their order; never empty while it is in the line.</summary>
internal sealed class ShapeQueue(JobShape shape)
{
    private readonly SortedSet<WaitingJob> _jobs = new(WaitingJob.ByOrder);
    private int _fleetVersion = -1;
    private bool _fits;

    public JobShape Shape { get; } = shape;

    public WaitingJob First { get; private set; } = null!;

    public IReadOnlyCollection<WaitingJob> Jobs => _jobs;

    public int Count => _jobs.Count;

    /// <summary>Whether the devices that are there, free or not, are enough for a job of this shape.</summary>
    public bool Fits(Fleet fleet)
    {
        if (_fleetVersion != fleet.Version)
        {
            _fits = fleet.CountFitting(Shape) >= Shape.Devices;
            _fleetVersion = fleet.Version;
        }

        return _fits;
    }

    public void Add(WaitingJob job)
    {
        _jobs.Add(job);
        First = _jobs.Min!;
    }

    public bool Remove(WaitingJob job)
    {
        if (!_jobs.Remove(job))
            return false;

        First = _jobs.Min!;
        return true;
    }
}
