using Orchestrator.Grains.Scheduling.Devices;
using Orchestrator.Grains.Scheduling.Shares;

namespace Orchestrator.Grains.Scheduling.Waiting;

/// <summary>The ready jobs of one experiment and one class: first come, first served, where the devices allow it.</summary>
/// <param name="account">The experiment.</param>
/// <param name="priority">The class that its jobs name; null: they name none, and are of their experiment's.</param>
internal sealed class Line(Account account, int? priority)
{
    private readonly List<ShapeQueue> _shapes = [];

    public Account Account { get; } = account;

    public int? Priority { get; } = priority;

    public int Class => Priority ?? Account.Priority;

    /// <summary>
    /// Since when the first job could have started, had a device been free for it; null: there is none that could. What
    /// overtakes the first job does not turn this clock back.
    /// </summary>
    public DateTimeOffset? Since { get; set; }

    /// <summary>Whether the first job waits too long already.</summary>
    public bool IsOverdue(DateTimeOffset now, SchedulingOptions options) => Since is { } since && now - since >= options.PatienceLimit;

    public IReadOnlyList<ShapeQueue> Shapes => _shapes;

    /// <summary>The first job for which there are devices at all; null: none.</summary>
    public WaitingJob? Head(Fleet fleet)
    {
        WaitingJob? head = null;
        foreach (var shape in _shapes)
        {
            if ((head is null || shape.First.Order < head.Order) && CanEver(shape, fleet))
                head = shape.First;
        }

        return head;
    }

    /// <summary>
    /// The first job in order that could start if devices were free, of each shape the first, and of those only which are
    /// not out of the question already; null: none. Strictly in order where the experiment's limit is what the first one
    /// waits for: else small jobs would keep a gang from ever fitting under it.
    /// </summary>
    public WaitingJob? NextCandidate(Fleet fleet, Predicate<WaitingJob> isOut)
    {
        WaitingJob? next = null;
        foreach (var shape in _shapes)
        {
            if ((next is null || shape.First.Order < next.Order) && CanEver(shape, fleet) && Account.MayHold(shape.Shape.Devices) && !isOut(shape.First))
                next = shape.First;
        }

        return next;
    }

    /// <summary>The first job for which there are devices at all, of those that are not out of the question; null: none.</summary>
    public WaitingJob? First(Fleet fleet, Predicate<WaitingJob> isOut)
    {
        WaitingJob? first = null;
        foreach (var shape in _shapes)
        {
            if (!CanEver(shape, fleet))
                continue;

            var candidate = shape.Jobs.FirstOrDefault(job => !isOut(job));
            if (candidate is not null && (first is null || candidate.Order < first.Order))
                first = candidate;
        }

        return first;
    }

    /// <summary>Whether there are devices at all for a ready job of this line.</summary>
    public bool Fits(WaitingJob job, Fleet fleet) => Find(job.Shape)?.Fits(fleet) == true;

    public void Add(WaitingJob job)
    {
        var queue = Find(job.Shape);
        if (queue is null)
            _shapes.Add(queue = new ShapeQueue(job.Shape));

        queue.Add(job);
    }

    public void Remove(WaitingJob job)
    {
        var queue = Find(job.Shape);
        if (queue is not null && queue.Remove(job) && queue.Count == 0)
            _shapes.Remove(queue);
    }

    /// <summary>Starts or stops the clock of the first job.</summary>
    /// <returns>Whether it changed.</returns>
    public bool Refresh(Fleet fleet, DateTimeOffset now)
    {
        var waits = !Account.Paused && Head(fleet) is { } head && Account.MayHold(head.Demand.Devices);
        if (waits == Since is not null)
            return false;

        Since = waits ? now : null;
        return true;
    }

    private bool CanEver(ShapeQueue shape, Fleet fleet) =>
        shape.Fits(fleet) && (Account.MaxDevices is not { } most || shape.Shape.Devices <= most);

    private ShapeQueue? Find(JobShape shape)
    {
        foreach (var queue in _shapes)
        {
            if (queue.Shape == shape)
                return queue;
        }

        return null;
    }
}
