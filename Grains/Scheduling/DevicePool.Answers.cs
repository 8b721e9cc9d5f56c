using Orchestrator.Abstractions;
using Orchestrator.Contracts.Scheduling;
using Orchestrator.Grains.Scheduling.Answers;
using Orchestrator.Grains.Telemetry;

namespace Orchestrator.Grains.Scheduling;

/// <content>What people and experiments ask; nothing of it changes anything.</content>
public sealed partial class DevicePool
{
    /// <summary>The queue, in the order in which jobs were queued, and all devices with their leases.</summary>
    public SchedulerStatus Status() => new(
        [.. _waiting.Jobs.OrderBy(job => job.Order).Select(job => job.Job)],
        [.. _fleet.Devices.Select(device => new LeaseStatus(
            device.ToInfo(),
            device.LastEpoch,
            device.Lease?.Job,
            device.Lease is null ? null : device.ExpiresAt))]);

    /// <summary>How many devices and jobs are in which state.</summary>
    public PoolLoad Load()
    {
        var (busy, absent) = (0, 0);
        foreach (var device in _fleet.Devices)
        {
            if (device.Lease is not null)
                busy++;
            else if (!device.Present)
                absent++;
        }

        return new PoolLoad(busy, _fleet.Devices.Count - busy - absent, absent, _waiting.Count);
    }

    /// <summary>Where stages are, as one experiment sees it.</summary>
    public StagePlaces Locate(ExperimentId experiment, IReadOnlyList<StageKey> stages)
    {
        var held = stages.Where(_waiting.IsComputed).ToList();
        var own = _leases.All.Where(lease => lease.Job.Experiment == experiment)
            .SelectMany(lease => lease.Job.Stages).Select(stage => stage.Key).ToHashSet();
        return new StagePlaces(
            [.. stages.Where(stage => _waiting.With(stage).Any(job => job.Account.Experiment == experiment))],
            held,
            [.. held.Where(own.Contains)]);
    }

    /// <summary>Why the first jobs of an experiment wait.</summary>
    public IReadOnlyList<WaitExplanation> Explain(ExperimentId experiment, int count) =>
        _accounts.TryGet(experiment, out var account) ? Explainer().Of(account, count, _time.GetUtcNow()) : [];

    /// <summary>Part of the queue in the order in which its jobs are expected to start; those that cannot come last.</summary>
    public QueuePage Queue(int offset, int count) => Explainer().Page(offset, count, _time.GetUtcNow());

    /// <summary>What each experiment may have, and has.</summary>
    public IReadOnlyList<ExperimentShare> Shares()
    {
        var now = _time.GetUtcNow();
        return [.. _accounts.All.Select(account => new ExperimentShare(
            account.Experiment,
            account.Weight,
            account.Priority,
            account.MaxDevices,
            account.Paused,
            account.Held,
            account.Usage(now) * account.Weight,
            account.Jobs.Count))];
    }

    private Explainer Explainer() => new(_fleet, _accounts, _waiting, _leases, _reservations, _ranking);
}
