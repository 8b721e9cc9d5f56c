using Orchestrator.Simulation.Workloads;

namespace Orchestrator.Simulation.Measures;

/// <summary>
/// How long the first run of each experiment's queue waits while it could start: an account of its own, kept without the
/// scheduler's help. A run that lost its devices is first in its queue again.
/// </summary>
public sealed class WaitMeter
{
    private readonly Dictionary<string, Line> _lines;
    private readonly Dictionary<string, DateTimeOffset> _queuedAt = [];
    private readonly List<double> _sweepWaits = [];

    public WaitMeter(IEnumerable<SimulatedExperiment> experiments) =>
        _lines = experiments.ToDictionary(experiment => experiment.Id.Value, experiment => new Line(experiment));

    /// <summary>The longest that a run which was first in its experiment's queue waited while it could have started.</summary>
    public TimeSpan LongestFirst { get; private set; }

    /// <summary>Whose it was.</summary>
    public string LongestOf { get; private set; } = "";

    /// <summary>Hours that runs of sweeps of the middle and the highest class waited from their arrival to their first start.</summary>
    public IReadOnlyList<double> SweepWaits => _sweepWaits;

    public void Arrive(SimulatedRun run, DateTimeOffset now)
    {
        _queuedAt[run.Job.Id] = now;
        var line = LineOf(run);
        line.Queue.AddLast(run);
        line.Refresh(now);
    }

    public void Requeue(SimulatedRun run, DateTimeOffset now)
    {
        var line = LineOf(run);
        line.Queue.AddFirst(run);
        line.Refresh(now);
    }

    public void Start(SimulatedRun run, DateTimeOffset now)
    {
        var line = LineOf(run);
        if (line.Queue.First!.Value == run)
        {
            Note(line, now);
            line.Since = null;
        }

        line.Queue.Remove(run);
        line.Held += run.Devices;
        line.Refresh(now);
        if (_queuedAt.Remove(run.Job.Id, out var queuedAt) && line is { Role: ExperimentRole.Sweeps, Priority: >= 0 })
            _sweepWaits.Add((now - queuedAt).TotalHours);
    }

    public void End(SimulatedRun run, DateTimeOffset now)
    {
        var line = LineOf(run);
        line.Held -= run.Devices;
        line.Refresh(now);
    }

    public void Apply(Change change, DateTimeOffset now)
    {
        var line = _lines[change.Experiment.Value];
        if (change.Setting == Setting.Paused)
            line.Paused = change.Value == 1;
        else if (change.Setting == Setting.MaxDevices)
            line.MaxDevices = (int?)change.Value;
        else if (change.Setting == Setting.Priority)
            line.Priority = (int)change.Value!.Value;

        line.Refresh(now);
    }

    public void Finish(DateTimeOffset now)
    {
        foreach (var line in _lines.Values)
            Note(line, now);

        _sweepWaits.Sort(); // the quantiles want them so
    }

    private Line LineOf(SimulatedRun run) => _lines[run.Job.Experiment.Value];

    private void Note(Line line, DateTimeOffset now)
    {
        if (line.Since is not { } since || now - since <= LongestFirst)
            return;

        LongestFirst = now - since;
        LongestOf = line.Name;
    }

    private sealed class Line(SimulatedExperiment experiment)
    {
        public string Name { get; } = experiment.Id.Value;

        public ExperimentRole Role { get; } = experiment.Role;

        public LinkedList<SimulatedRun> Queue { get; } = [];

        public int Priority { get; set; } = experiment.Priority;

        public int Held { get; set; }

        public int? MaxDevices { get; set; } = experiment.MaxDevices;

        public bool Paused { get; set; }

        public DateTimeOffset? Since { get; set; }

        public void Refresh(DateTimeOffset now)
        {
            var could = !Paused && Queue.First is { } first && (MaxDevices is not { } most || Held + first.Value.Devices <= most);
            if (!could)
                Since = null;
            else
                Since ??= now;
        }
    }
}
