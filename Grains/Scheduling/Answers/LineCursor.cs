using Orchestrator.Grains.Scheduling.Devices;
using Orchestrator.Grains.Scheduling.Shares;
using Orchestrator.Grains.Scheduling.Waiting;

namespace Orchestrator.Grains.Scheduling.Answers;

/// <summary>Goes through the jobs of a line that have no promise, and adds up the devices that they would have got.</summary>
internal sealed class LineCursor
{
    private readonly Line _line;
    private readonly IEnumerator<WaitingJob> _jobs;
    private int _devices;

    private LineCursor(Line line, Fleet fleet)
    {
        _line = line;
        var most = line.Account.MaxDevices ?? int.MaxValue;
        _jobs = line.Account.Jobs
            .Where(job => job.Line == line && job.IsReady && job.PromisedSince is null && job.Demand.Devices <= most && line.Fits(job, fleet))
            .GetEnumerator();
    }

    public WaitingJob Current => _jobs.Current;

    /// <summary>At the first job; null: there is none.</summary>
    public static LineCursor? Open(Line line, Fleet fleet)
    {
        var cursor = new LineCursor(line, fleet);
        return cursor._jobs.MoveNext() ? cursor : null;
    }

    public bool MoveNext()
    {
        _devices += Current.Demand.Devices;
        return _jobs.MoveNext();
    }

    /// <summary>When the line's turn comes, after what it got so far; the least goes first.</summary>
    public (int Class, double Claim, string Experiment) Turn(DateTimeOffset now) =>
        (-_line.Class, Ranking.Claim(_line.Account, now, _devices), _line.Account.Experiment.Value);
}
