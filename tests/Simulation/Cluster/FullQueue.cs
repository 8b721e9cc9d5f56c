using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Scheduling;
using Orchestrator.Grains.Scheduling.Decisions;
using Orchestrator.Grains.Scheduling.Records;
using Orchestrator.Simulation.Measures;
using Orchestrator.Simulation.Workloads;

namespace Orchestrator.Simulation.Cluster;

/// <summary>The scheduling code with every run of a workload in its queue at once: what a decision takes then.</summary>
public static class FullQueue
{
    private const int Ends = 20_000;

    public static FullQueueFigures Measure(Workload workload, SimulationOptions options)
    {
        var clock = new SimulatedClock(new DateTimeOffset(2026, 1, 5, 0, 0, 0, TimeSpan.Zero));
        var scheduling = new SchedulingOptions { LeaseTtl = TimeSpan.FromDays(30), Heartbeat = TimeSpan.FromDays(1) };
        var pool = new DevicePool(new PoolRecords(), scheduling, clock);
        foreach (var experiment in workload.Experiments)
        {
            pool.SetWeight(experiment.Id, experiment.Weight);
            pool.SetPriority(experiment.Id, experiment.Priority);
            pool.SetMaxDevices(experiment.Id, experiment.MaxDevices);
        }

        var enqueue = Timed(workload.Runs, run => pool.Enqueue(run.Job));
        foreach (var device in workload.Devices)
            pool.Register(device);

        var latency = new LatencyMeter();
        var running = new List<JobAssignment>();
        var dice = new Dice(options.Seed);
        Decide(pool, latency, running);
        for (var i = 0; i < Ends; i++)
        {
            clock.Now += TimeSpan.FromSeconds(5);
            var ended = running[dice.Whole(0, running.Count - 1)];
            running.Remove(ended);
            var device = workload.Devices.First(device => device.Name == ended.Devices![0]);
            pool.Release(device.Name, device.Incarnation, ended.Epoch);
            pool.Enqueue(ended.Job); // the queue stays as long as it is
            pool.TakeChanges();
            Decide(pool, latency, running);
        }

        return new FullQueueFigures(latency.ToFigures(), enqueue, Answer(pool, workload), Restart(pool, scheduling, clock));
    }

    private static void Decide(DevicePool pool, LatencyMeter latency, List<JobAssignment> running)
    {
        while (true)
        {
            var timer = DecisionTimer.Start();
            var decision = pool.Next();
            if (decision is StartDecision start)
                running.Add(pool.Grant(start, start.Job.Stages));
            else if (decision is YieldDecision yield)
                pool.Ask(yield);

            latency.Add(timer.Stop(), decision is not null, pool.WaitingCount);
            if (decision is null)
                return;
        }
    }

    private static TimeFigures Answer(DevicePool pool, Workload workload) =>
        Timed(workload.Experiments.Take(20), experiment => pool.Explain(experiment.Id, 10));

    private static TimeFigures Restart(DevicePool pool, SchedulingOptions scheduling, TimeProvider clock) => Timed(
        Enumerable.Range(0, 3),
        _ =>
        {
            var records = new PoolRecords();
            foreach (var part in pool.Whole(256))
                records.Apply(part);

            return new DevicePool(records, scheduling, clock);
        });

    private static TimeFigures Timed<T>(IEnumerable<T> items, Func<T, object> action)
    {
        var times = new List<double>();
        foreach (var item in items)
        {
            var timer = DecisionTimer.Start();
            action(item);
            times.Add(timer.Stop().Processor.TotalMilliseconds);
        }

        return TimeFigures.Of(times);
    }
}

/// <summary>What things take with a full queue, milliseconds of processor time.</summary>
/// <param name="Decisions">Decisions.</param>
/// <param name="Enqueue">One more job.</param>
/// <param name="Explain">Why ten jobs of an experiment wait.</param>
/// <param name="Restart">The whole pool from its records, and records from the whole pool.</param>
public sealed record FullQueueFigures(LatencyFigures Decisions, TimeFigures Enqueue, TimeFigures Explain, TimeFigures Restart);
