using System.Globalization;
using Orchestrator.Grains.Scheduling.Leases;
using Orchestrator.Simulation.Workloads;

namespace Orchestrator.Simulation.Cluster;

/// <content>Devices that fail, fall silent, and come back.</content>
public sealed partial class SimulatedCluster
{
    private static readonly TimeSpan CheckpointInterval = TimeSpan.FromMinutes(15);

    private void Fail(Outage outage)
    {
        foreach (var device in outage.Devices.Select(name => _devices[name]).Where(device => device.Alive))
        {
            device.Alive = false;
            if (device.Running is { BrokenAt: null } running)
                Break(running);

            Meters.Alive(-1, _clock.Now);
            _agenda.Add(_clock.Now + outage.Length, () => Return(device));
        }
    }

    private void Return(SimulatedDevice device)
    {
        device.Alive = true;
        device.Starts++;
        device.Info = device.Info with { Incarnation = Workload.Identity(int.Parse(device.Info.Name[5..], CultureInfo.InvariantCulture), device.Starts) };
        Meters.Alive(1, _clock.Now);
        if (_pool.Register(device.Info) is { } lost)
            Lose(lost);
    }

    private void Lose(LostLease lost)
    {
        var running = _running[lost.Epoch];
        var ran = (running.BrokenAt ?? _clock.Now) - running.StartedAt;
        var kept = running.Run.Job.Stages[0].Key.Value.StartsWith("dictionary", StringComparison.Ordinal)
            ? CheckpointInterval * Math.Floor(ran / CheckpointInterval)
            : TimeSpan.Zero;
        Keep(running.Run, kept);
        Meters.Lose(running.Run, ran - kept);
        End(running);
        Meters.Requeue(running.Run, _clock.Now);
    }

    private void Keep(SimulatedRun run, TimeSpan more)
    {
        var done = _done.GetValueOrDefault(run.Job.Id) + more;
        _done[run.Job.Id] = done < run.Duration ? done : run.Duration;
    }

    private void End(RunningJob running)
    {
        _running.Remove(running.Epoch);
        foreach (var device in running.Devices)
            device.Running = null;

        Meters.End(running.Run, running.BrokenAt is not null, _clock.Now);
    }

    private void Break(RunningJob running)
    {
        running.BrokenAt = _clock.Now;
        Meters.Break(running.Run, _clock.Now);
    }

    /// <summary>Devices that live renew their leases or say that they are free; silence has its consequences.</summary>
    private void Beat()
    {
        HearAll();
        foreach (var lost in _pool.Expire())
            Lose(lost);

        _agenda.Add(_clock.Now + _options.Scheduling.Heartbeat, Beat);
    }

    private void HearAll()
    {
        foreach (var device in _devices.Values.Where(device => device.Alive))
        {
            if (device.Running is { } running && running.Leader == device)
                Promise.Keep(_pool.Renew(device.Info.Name, device.Info.Incarnation, running.Epoch), $"lease {running.Epoch} is known");
            else if (_pool.Register(device.Info) is { } lost)
                Lose(lost);
        }
    }
}
