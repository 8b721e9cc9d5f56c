using Orchestrator.Abstractions;
using Orchestrator.Grains.Scheduling.Shares;

namespace Orchestrator.Grains.Scheduling;

/// <content>What people set for an experiment, at any time; it counts from the next decision on.</content>
public sealed partial class DevicePool
{
    /// <summary>Sets an experiment's share relative to others; 1 where nothing is set.</summary>
    /// <exception cref="ArgumentException">The weight is not a number from 0.000001 to 1000000.</exception>
    public void SetWeight(ExperimentId experiment, double weight)
    {
        JobRules.RequireWeight(experiment.Value, weight);
        Set(experiment, account => account.SetWeight(weight, _time.GetUtcNow()));
    }

    /// <summary>Sets the class of an experiment's jobs that name none of their own; 0 where nothing is set.</summary>
    /// <exception cref="ArgumentException">The priority is not from -1000 to 1000.</exception>
    public void SetPriority(ExperimentId experiment, int priority)
    {
        JobRules.RequirePriority(experiment.Value, priority);
        Set(experiment, account => account.Priority = priority);
    }

    /// <summary>Sets how many devices an experiment may hold at once; null: no limit. What runs beyond it runs to its end.</summary>
    /// <exception cref="ArgumentException">The limit is below 1.</exception>
    public void SetMaxDevices(ExperimentId experiment, int? maxDevices)
    {
        JobRules.RequireMaxDevices(experiment.Value, maxDevices);
        Set(experiment, account => account.MaxDevices = maxDevices);
    }

    /// <summary>Holds an experiment back, or lets it go on. What runs of it and has checkpoints goes back to the queue.</summary>
    public void SetPaused(ExperimentId experiment, bool paused) => Set(experiment, account => account.Paused = paused);

    private void Set(ExperimentId experiment, Action<Account> set)
    {
        var now = _time.GetUtcNow();
        var account = _accounts.GetOrAdd(experiment, now);
        set(account);
        _recorder.Changed(account);
        Refresh(account, now);
    }
}
