using System.Globalization;
using Orchestrator.Abstractions;
using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Simulation.Workloads;

/// <summary>
/// A week on a cluster that several people share, made from a seed: devices of different memory, experiments with
/// different weights, classes and gangs, runs, outages, and settings that change while everything runs.
/// </summary>
public sealed class Workload
{
    /// <summary>Part of the cluster's time that experiments with sweeps ask for; the busy ones get the rest.</summary>
    private const double SweepLoad = 0.42;

    /// <summary>Busy experiments have this much more to do than their share of the time is.</summary>
    private const double Surplus = 1.3;

    private static readonly int[] Gibibytes = [24, 24, 24, 24, 40, 40, 48, 80, 80, 80];
    private static readonly double[] BusyWeights = [2, 3, 4, 5, 6, 8, 3, 4, 6, 8];

    private readonly WorkloadOptions _options;
    private readonly Dice _dice;
    private readonly List<DeviceInfo> _devices = [];
    private readonly List<SimulatedExperiment> _experiments = [];
    private readonly List<SimulatedRun> _runs = [];
    private readonly List<Change> _changes = [];
    private readonly List<Outage> _outages = [];

    private Workload(WorkloadOptions options)
    {
        _options = options;
        _dice = new Dice(options.Seed);
    }

    /// <summary>The time within which runs arrive and shares count.</summary>
    public TimeSpan Length => _options.Time;

    public IReadOnlyList<DeviceInfo> Devices => _devices;

    public IReadOnlyList<SimulatedExperiment> Experiments => _experiments;

    /// <summary>By arrival.</summary>
    public IReadOnlyList<SimulatedRun> Runs => _runs;

    public IReadOnlyList<Change> Changes => _changes;

    public IReadOnlyList<Outage> Outages => _outages;

    public static Workload Create(WorkloadOptions options)
    {
        var workload = new Workload(options);
        workload.AddDevices();
        workload.AddExperiments();
        workload.AddChanges();
        workload.AddRuns();
        workload.AddOutages();
        return workload;
    }

    private void AddDevices()
    {
        for (var i = 0; i < _options.Devices; i++)
        {
            var host = i / _options.DevicesPerHost;
            _devices.Add(new DeviceInfo($"cuda:{i:000}", Identity(i, 0))
            {
                Kind = "cuda",
                MemoryBytes = (long)Gibibytes[host % Gibibytes.Length] << 30,
                Host = $"host-{host:000}",
            });
        }
    }

    /// <summary>The identity of a device's process, from its number and how often it was started.</summary>
    public static Guid Identity(int device, int start) => new(device, (short)start, 0, [0, 0, 0, 0, 0, 0, 0, 0]);

    private void AddExperiments()
    {
        for (var i = 0; i < _options.Busy; i++)
        {
            // Some train on several devices at once, those with the larger shares.
            var weight = BusyWeights[i % BusyWeights.Length];
            var gang = weight >= 5 ? 4 : 2;
            _experiments.Add(new(Name("busy", i), ExperimentRole.Busy, weight, 0, null, gang, i % 2 == 0 ? 0 : 0.1));
        }

        for (var i = 0; i < _options.Background; i++)
            _experiments.Add(new(Name("background", i), ExperimentRole.Background, 1, -1, null, 2, 0.1));

        for (var i = _experiments.Count; i < _options.Experiments; i++)
        {
            var kind = _dice.Uniform();
            _experiments.Add(new(
                Name("sweep", i),
                ExperimentRole.Sweeps,
                Math.Round(0.5 + (3.5 * _dice.Uniform()), 1),
                kind < 0.08 ? 1 : kind < 0.16 ? -1 : 0,
                _dice.Uniform() < 0.2 ? _dice.Whole(16, 40) : null,
                _dice.OneOf([2, 4, 8, 8, 16]),
                _dice.Uniform() < 0.3 ? 0.15 : 0.02));
        }
    }

    private void AddRuns()
    {
        var capacity = _options.Devices * _options.Time.TotalHours;
        var busy = _experiments.FindAll(experiment => experiment.Role == ExperimentRole.Busy);
        var background = _experiments.FindAll(experiment => experiment.Role == ExperimentRole.Background);
        var sweeps = _experiments.FindAll(experiment => experiment.Role == ExperimentRole.Sweeps);
        var forBackground = _options.Runs / 100;
        var forBusy = (int)(_options.Runs * 0.42);
        var forSweeps = _options.Runs - forBusy - forBackground;

        var weights = busy.Sum(MeanWeight);
        var left = forBusy;
        foreach (var experiment in busy)
        {
            var count = experiment == busy[^1] ? left : (int)(forBusy * MeanWeight(experiment) / weights);
            left -= count;
            var hours = capacity * (1 - SweepLoad) * Surplus * MeanWeight(experiment) / weights / count / DevicesPerRun(experiment);
            AddRuns(experiment, count, TimeSpan.Zero, TimeSpan.FromHours(hours));
        }

        for (var i = 0; i < background.Count; i++)
            AddRuns(background[i], (forBackground / background.Count) + (i < forBackground % background.Count ? 1 : 0), TimeSpan.Zero, TimeSpan.FromHours(1));

        AddSweeps(sweeps, forSweeps, TimeSpan.FromHours(capacity * SweepLoad / forSweeps));
        _runs.Sort((a, b) => a.Arrival == b.Arrival ? string.CompareOrdinal(a.Job.Id, b.Job.Id) : a.Arrival.CompareTo(b.Arrival));
    }

    /// <summary>The weight over the whole time, changes included.</summary>
    private double MeanWeight(SimulatedExperiment experiment)
    {
        var change = _changes.Find(change => change.Experiment == experiment.Id && change.Setting == Setting.Weight);
        var before = change is null ? 1 : change.At / _options.Time;
        return (experiment.Weight * before) + ((change?.Value ?? 0) * (1 - before));
    }

    private void AddSweeps(List<SimulatedExperiment> experiments, int count, TimeSpan mean)
    {
        while (count > 0)
        {
            var experiment = _dice.OneOf(experiments);
            var size = Math.Min(count, _dice.Whole(10, 120));
            // The last sweeps come early enough to be done within the week.
            AddRuns(experiment, size, _options.Time * 0.9 * _dice.Uniform(), mean / DevicesPerRun(experiment));
            count -= size;
        }
    }

    private static double DevicesPerRun(SimulatedExperiment experiment) => 1 + (experiment.GangShare * (experiment.Gang - 1));

    private void AddRuns(SimulatedExperiment experiment, int count, TimeSpan arrival, TimeSpan mean)
    {
        for (var i = 0; i < count; i++)
        {
            var duration = _dice.LogNormal(mean, 0.6);
            duration = duration < TimeSpan.FromMinutes(2) ? TimeSpan.FromMinutes(2) : duration > TimeSpan.FromHours(12) ? TimeSpan.FromHours(12) : duration;
            var estimate = duration * Math.Exp(0.25 * _dice.Normal());
            var demand = new JobDemand
            {
                MemoryBytes = (long)_dice.OneOf([4, 8, 8, 16, 16, 20, 30, 60]) << 30,
                Duration = _dice.Uniform() < 0.05 ? null : estimate,
                Devices = _dice.Uniform() < experiment.GangShare ? experiment.Gang : 1,
            };
            // Models and dictionaries have checkpoints, analyses have not.
            var kind = _dice.Uniform() < 0.9 ? "dictionary" : "analysis";
            var stage = new JobStage(new StageKey(string.Create(CultureInfo.InvariantCulture, $"{kind}-{_runs.Count:000000}")), "{}");
            var job = new JobRequest(string.Create(CultureInfo.InvariantCulture, $"run-{_runs.Count:000000}"), experiment.Id, [stage]) { Demand = demand };
            _runs.Add(new SimulatedRun(job, arrival, duration));
        }
    }

    private void AddChanges()
    {
        var busy = _experiments.FindAll(experiment => experiment.Role == ExperimentRole.Busy);
        _changes.Add(new(_options.Time * 0.3, busy[0].Id, Setting.Weight, busy[0].Weight * 3));
        _changes.Add(new(_options.Time * 0.5, busy[^1].Id, Setting.Weight, busy[^1].Weight / 2));
        _changes.Add(new(_options.Time * 0.7, busy[1].Id, Setting.Weight, busy[1].Weight * 2));
        foreach (var experiment in _experiments.Where(experiment => experiment.Role == ExperimentRole.Sweeps).Take(_options.Experiments / 8))
        {
            var at = _options.Time * 0.6 * _dice.Uniform();
            switch (_dice.Whole(0, 2))
            {
                case 0:
                    _changes.Add(new(at, experiment.Id, Setting.Paused, 1));
                    _changes.Add(new(at + _dice.Exponential(TimeSpan.FromHours(5)), experiment.Id, Setting.Paused, 0));
                    break;
                case 1:
                    _changes.Add(new(at, experiment.Id, Setting.MaxDevices, _dice.Whole(16, 40)));
                    break;
                default:
                    _changes.Add(new(at, experiment.Id, Setting.Priority, _dice.Whole(-1, 1)));
                    break;
            }
        }
    }

    private void AddOutages()
    {
        foreach (var host in _devices.GroupBy(device => device.Host))
        {
            AddOutages([.. host.Select(device => device.Name)], _options.HostFailures);
            foreach (var device in host)
                AddOutages([device.Name], _options.DeviceFailures);
        }

        _outages.Sort((a, b) => a.At.CompareTo(b.At));
    }

    private void AddOutages(IReadOnlyList<string> devices, TimeSpan mean)
    {
        var at = TimeSpan.Zero;
        while (true)
        {
            at += _dice.Exponential(mean);
            if (at >= _options.Time)
                return;

            var length = TimeSpan.FromMinutes(1) + _dice.Exponential(_options.Repair);
            _outages.Add(new Outage(at, length, devices));
            at += length;
        }
    }

    private static ExperimentId Name(string role, int number) => new(string.Create(CultureInfo.InvariantCulture, $"{role}-{number:000}"));
}
