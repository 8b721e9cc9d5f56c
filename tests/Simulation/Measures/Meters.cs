using Orchestrator.Contracts.Scheduling;
using Orchestrator.Simulation.Workloads;

namespace Orchestrator.Simulation.Measures;

/// <summary>All that is measured of a simulated cluster.</summary>
public sealed class Meters
{
    private readonly Workload _workload;
    private readonly DateTimeOffset _start;
    private readonly Dictionary<string, DateTimeOffset> _startedAt = [];
    private double _worked;
    private double _available;
    private DateTimeOffset _at;
    private int _alive;
    private int _working;
    private ulong _fingerprint = 14_695_981_039_346_656_037;

    internal Meters(Workload workload, TimeSpan window, DateTimeOffset start)
    {
        _workload = workload;
        (_start, _at) = (start, start);
        _alive = workload.Devices.Count;
        Shares = new ShareMeter(workload.Experiments.Where(experiment => experiment.Role == ExperimentRole.Busy), window, start);
        Waits = new WaitMeter(workload.Experiments);
    }

    public ShareMeter Shares { get; }

    public WaitMeter Waits { get; }

    public LatencyMeter Latency { get; } = new();

    public RecordMeter Records { get; } = new();

    public int Starts { get; private set; }

    public int Completed { get; private set; }

    /// <summary>Runs that made room for a higher class.</summary>
    public int Preemptions { get; private set; }

    /// <summary>Runs that made room because their experiment was paused.</summary>
    public int Pauses { get; private set; }

    public int Losses { get; private set; }

    /// <summary>Device hours that had to be computed again.</summary>
    public double LostHours { get; private set; }

    /// <summary>Device time at work within the workload's time, over device time that there was.</summary>
    public double Utilisation => _worked / _available;

    /// <summary>The longest time that one run held its devices.</summary>
    public TimeSpan LongestRun { get; private set; }

    /// <summary>When the last run ended, from the start.</summary>
    public TimeSpan Length => _at - _start;

    /// <summary>A hash of every start: what, where, when and under which epoch.</summary>
    public string Fingerprint => _fingerprint.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);

    internal void Start(SimulatedRun run, JobAssignment assignment, DateTimeOffset now)
    {
        Advance(now);
        Starts++;
        _working += run.Devices;
        _startedAt[run.Job.Id] = now;
        Shares.Hold(run.Job.Experiment.Value, run.Devices, now);
        Waits.Start(run, now);
        Stir($"{now.UtcTicks} {assignment.Job.Id} {assignment.Epoch} {string.Join(',', assignment.Devices!)}");
    }

    /// <summary>A run does not go on: a device of it failed, though its lease does not know yet.</summary>
    internal void Break(SimulatedRun run, DateTimeOffset now)
    {
        Advance(now);
        _working -= run.Devices;
    }

    /// <summary>A lease ended.</summary>
    /// <param name="run">What was computed.</param>
    /// <param name="broken">It did not go on before.</param>
    /// <param name="now">The time.</param>
    internal void End(SimulatedRun run, bool broken, DateTimeOffset now)
    {
        Advance(now);
        _working -= broken ? 0 : run.Devices;
        var ran = now - _startedAt[run.Job.Id];
        LongestRun = ran > LongestRun ? ran : LongestRun;
        Shares.Hold(run.Job.Experiment.Value, -run.Devices, now);
        Waits.End(run, now);
    }

    internal void Complete() => Completed++;

    internal void Requeue(SimulatedRun run, DateTimeOffset now) => Waits.Requeue(run, now);

    internal void Lose(SimulatedRun run, TimeSpan lost)
    {
        Losses++;
        LostHours += lost.TotalHours * run.Devices;
    }

    internal void Preempt(bool forOther)
    {
        if (forOther)
            Preemptions++;
        else
            Pauses++;
    }

    internal void Alive(int devices, DateTimeOffset now)
    {
        Advance(now);
        _alive += devices;
    }

    internal void Apply(Change change, DateTimeOffset now)
    {
        if (change.Setting == Setting.Weight)
            Shares.SetWeight(change.Experiment.Value, change.Value!.Value, now);

        Waits.Apply(change, now);
    }

    internal void Finish(DateTimeOffset now)
    {
        Advance(now);
        Shares.Advance(now);
        Waits.Finish(now);
    }

    private void Advance(DateTimeOffset now)
    {
        var end = _start + _workload.Length;
        var (from, to) = (_at < end ? _at : end, now < end ? now : end);
        _worked += _working * (to - from).TotalSeconds;
        _available += _alive * (to - from).TotalSeconds;
        _at = now;
    }

    private void Stir(string text)
    {
        foreach (var character in text)
            _fingerprint = (_fingerprint ^ character) * 1_099_511_628_211;
    }
}
