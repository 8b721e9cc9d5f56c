using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Scheduling;
using Orchestrator.Grains.Scheduling.Decisions;
using Orchestrator.Grains.Scheduling.Records;
using Orchestrator.Simulation.Measures;
using Orchestrator.Simulation.Workloads;

namespace Orchestrator.Simulation.Cluster;

/// <summary>
/// Devices, runs and people around the real scheduling code: what happens is told to a <see cref="DevicePool"/>, and what it
/// decides is done. Every promise that the pool makes is checked as it goes; a broken one is an exception.
/// </summary>
public sealed partial class SimulatedCluster
{
    private static readonly DateTimeOffset Start = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);

    private readonly Workload _workload;
    private readonly SimulationOptions _options;
    private readonly SimulatedClock _clock = new(Start);
    private readonly Agenda _agenda = new();
    private readonly Dice _dice;
    private readonly Dictionary<string, SimulatedDevice> _devices;
    private readonly Dictionary<string, SimulatedRun> _runs;
    private readonly Dictionary<string, TimeSpan> _done = [];
    private readonly HashSet<string> _completed = [];
    private readonly SortedDictionary<long, RunningJob> _running = [];
    private readonly Dictionary<string, int> _priorities;
    private readonly PoolRecords _records = new();
    private DevicePool _pool;

    private SimulatedCluster(Workload workload, SimulationOptions options)
    {
        _workload = workload;
        _options = options;
        _dice = new Dice(options.Seed);
        _devices = workload.Devices.ToDictionary(device => device.Name, device => new SimulatedDevice(device));
        _runs = workload.Runs.ToDictionary(run => run.Job.Id);
        _priorities = workload.Experiments.ToDictionary(experiment => experiment.Id.Value, experiment => experiment.Priority);
        _pool = new DevicePool(_records, options.Scheduling, _clock);
        Meters = new Meters(workload, options.Window, Start);
    }

    public Meters Meters { get; }

    /// <summary>Lets a workload happen, to the end of its last run.</summary>
    public static Meters Run(Workload workload, SimulationOptions options)
    {
        var cluster = new SimulatedCluster(workload, options);
        cluster.Run();
        return cluster.Meters;
    }

    private void Run()
    {
        foreach (var device in _devices.Values)
            _pool.Register(device.Info);

        foreach (var experiment in _workload.Experiments)
            Set(experiment);

        foreach (var run in _workload.Runs)
            _agenda.Add(Start + run.Arrival, () => Arrive(run));

        foreach (var change in _workload.Changes)
            _agenda.Add(Start + change.At, () => Apply(change));

        foreach (var outage in _workload.Outages)
            _agenda.Add(Start + outage.At, () => Fail(outage));

        if (_options.RestartEvery is { } restart)
            _agenda.Add(Start + restart, () => Restart(restart));

        _agenda.Add(Start, Beat);
        while (_completed.Count < _runs.Count && _agenda.TryTake(out var at, out var happening))
        {
            _clock.Now = at;
            happening();
            if (!_agenda.HasMoreAt(at))
                Dispatch();
        }

        Meters.Finish(_clock.Now);
    }

    private void Set(SimulatedExperiment experiment)
    {
        _pool.SetWeight(experiment.Id, experiment.Weight);
        _pool.SetPriority(experiment.Id, experiment.Priority);
        _pool.SetMaxDevices(experiment.Id, experiment.MaxDevices);
    }

    private void Apply(Change change)
    {
        switch (change.Setting)
        {
            case Setting.Weight:
                _pool.SetWeight(change.Experiment, change.Value!.Value);
                break;
            case Setting.Priority:
                _pool.SetPriority(change.Experiment, (int)change.Value!.Value);
                _priorities[change.Experiment.Value] = (int)change.Value!.Value;
                break;
            case Setting.MaxDevices:
                _pool.SetMaxDevices(change.Experiment, (int?)change.Value);
                break;
            case Setting.Paused:
                _pool.SetPaused(change.Experiment, change.Value == 1);
                break;
        }

        Meters.Apply(change, _clock.Now);
    }

    private void Arrive(SimulatedRun run)
    {
        Promise.Keep(_pool.Enqueue(run.Job), $"{run.Job.Id} is queued once");
        Meters.Waits.Arrive(run, _clock.Now);
    }

    private void Dispatch()
    {
        Commit();
        while (true)
        {
            var timer = DecisionTimer.Start();
            var decision = _pool.Next();
            var assignment = decision is StartDecision start ? _pool.Grant(start, start.Job.Stages) : null;
            var asked = decision is YieldDecision yield ? _pool.Ask(yield) : [];
            Meters.Latency.Add(timer.Stop(), decision is not null, _pool.WaitingCount);
            Commit();
            if (decision is null)
                return;

            if (assignment is not null)
                Begin(assignment);

            if (decision is YieldDecision { For: var beneficiary })
                Yield(asked, beneficiary);
        }
    }

    private void Begin(JobAssignment assignment)
    {
        var run = _runs[assignment.Job.Id];
        var devices = assignment.Devices!.Select(name => _devices[name]).ToList();
        Promise.Keep(devices.Distinct().Count() == run.Devices, $"{run.Job.Id} gets all its {run.Devices} devices at once");
        foreach (var device in devices)
        {
            Promise.Keep(device.Running is null, $"{device.Info.Name} has one holder");
            Promise.Keep(assignment.Epoch > device.LastEpoch, $"the epochs of {device.Info.Name} grow");
            Promise.Keep(device.Info.MemoryBytes >= run.Job.Demand!.MemoryBytes, $"{run.Job.Id} fits {device.Info.Name}");
            device.LastEpoch = assignment.Epoch;
        }

        Promise.Keep(!_completed.Contains(run.Job.Id) && !_running.Values.Any(other => other.Run == run), $"{run.Job.Id} is computed once");
        var running = new RunningJob(run, assignment.Epoch, devices, _clock.Now);
        Meters.Start(run, assignment, _clock.Now);
        _running.Add(assignment.Epoch, running);
        foreach (var device in devices)
            device.Running = running;

        if (!running.Leader.Alive)
        {
            // The message could not be delivered; the scheduler notices at once.
            if (_pool.Undeliverable(running.Leader.Info.Name, running.Epoch, "no route") is { } lost)
                Lose(lost);

            return;
        }

        if (devices.Exists(device => !device.Alive))
            Break(running);

        var left = run.Duration - _done.GetValueOrDefault(run.Job.Id);
        _agenda.Add(_clock.Now + left, () => Complete(running));
    }

    private void Complete(RunningJob running)
    {
        if (running.BrokenAt is not null || !_running.ContainsKey(running.Epoch))
            return;

        Promise.Keep(_pool.Release(running.Leader.Info.Name, running.Leader.Info.Incarnation, running.Epoch), $"lease {running.Epoch} is known");
        Promise.Keep(_completed.Add(running.Run.Job.Id), $"{running.Run.Job.Id} ends once");
        End(running);
        Meters.Complete();
    }

    private void Yield(IReadOnlyList<JobAssignment> asked, JobRequest? beneficiary)
    {
        foreach (var assignment in asked)
        {
            var running = _running[assignment.Epoch];
            Promise.Keep(!running.Yielding, $"{running.Run.Job.Id} is asked once");
            if (beneficiary is not null)
            {
                Promise.Keep(ClassOf(assignment.Job) < ClassOf(beneficiary), $"{assignment.Job.Id} is of a lower class than {beneficiary.Id}");
                Promise.Keep(_clock.Now - running.StartedAt >= _options.Scheduling.MinimumRun, $"{assignment.Job.Id} ran for the minimum time");
            }

            running.Yielding = true;
            Meters.Preempt(beneficiary is not null);
            // The next checkpoint.
            _agenda.Add(_clock.Now + TimeSpan.FromSeconds(10 + (50 * _dice.Uniform())), () => MakeRoom(running));
        }
    }

    private int ClassOf(JobRequest job) => _priorities[job.Experiment.Value];

    private void MakeRoom(RunningJob running)
    {
        if (running.BrokenAt is not null || !_running.ContainsKey(running.Epoch))
            return;

        Keep(running.Run, _clock.Now - running.StartedAt);
        Promise.Keep(_pool.Yielded(running.Leader.Info.Name, running.Leader.Info.Incarnation, running.Epoch), $"lease {running.Epoch} is known");
        End(running);
        Meters.Requeue(running.Run, _clock.Now);
    }

    /// <summary>The scheduler's process ends; another one takes up its records.</summary>
    private void Restart(TimeSpan again)
    {
        Commit();
        _pool = new DevicePool(_records, _options.Scheduling, _clock);
        HearAll();
        _agenda.Add(_clock.Now + again, () => Restart(again));
    }

    /// <summary>What the scheduler's grain does before anybody hears of a decision.</summary>
    private void Commit()
    {
        if (_pool.TakeChanges() is { } changes)
        {
            _records.Apply(changes);
            Meters.Records.Add(changes);
        }
    }
}
