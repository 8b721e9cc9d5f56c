using Orchestrator.Abstractions;
using Orchestrator.Grains.Scheduling.Waiting;

namespace Orchestrator.Grains.Scheduling.Shares;

/// <summary>An experiment's claim on the pool, and what it has had of it.</summary>
internal sealed class Account(ExperimentId experiment, DateTimeOffset now, TimeSpan halfLife)
{
    public static readonly IComparer<Account> ByName =
        Comparer<Account>.Create((a, b) => string.CompareOrdinal(a.Experiment.Value, b.Experiment.Value));

    private double _usage;
    private DateTimeOffset _usageAt = now;

    public ExperimentId Experiment { get; } = experiment;

    /// <summary>Its share relative to others that have work; above 0.</summary>
    public double Weight { get; private set; } = 1;

    /// <summary>The class of its jobs that name none of their own.</summary>
    public int Priority { get; set; }

    /// <summary>Devices that it may hold at once; null: no limit.</summary>
    public int? MaxDevices { get; set; }

    public bool Paused { get; set; }

    /// <summary>Devices that it holds.</summary>
    public int Held { get; private set; }

    /// <summary>Of those, the devices that were asked back.</summary>
    public int Leaving { get; set; }

    /// <summary>Devices that its waiting jobs have the promise of.</summary>
    public int Promised { get; set; }

    /// <summary>All its waiting jobs, in their order.</summary>
    public SortedSet<WaitingJob> Jobs { get; } = new(WaitingJob.ByOrder);

    /// <summary>The same by class.</summary>
    public List<Line> Lines { get; } = [];

    /// <summary>Devices that it has, less those asked back, with those promised.</summary>
    public int Prospect => Held - Leaving + Promised;

    /// <summary>The same per unit of weight.</summary>
    public double Level => Prospect / Weight;

    public bool IsDefault => Weight == 1 && Priority == 0 && MaxDevices is null && !Paused;

    /// <summary>What must be stored to know <see cref="Usage"/> at any later time: a value, and when it was that.</summary>
    public (double Value, DateTimeOffset At) UsageRecord => (_usage, _usageAt);

    /// <summary>
    /// Devices per unit of weight that it held of late: an average over all the past in which use counts half for every
    /// half-life that has gone by since. Each moment counts at the weight that was then in force, so that a change of
    /// weight changes what comes, not what was.
    /// </summary>
    public double Usage(DateTimeOffset now)
    {
        // A clock that was set back must not make the past grow.
        var halves = Math.Max(0, (now - _usageAt) / halfLife);
        var kept = Math.Exp(-Math.Log(2) * halves);
        return (_usage * kept) + (Held / Weight * (1 - kept));
    }

    public void Hold(int devices, DateTimeOffset now)
    {
        Settle(now);
        Held += devices;
    }

    public void SetWeight(double weight, DateTimeOffset now)
    {
        Settle(now);
        Weight = weight;
    }

    public void Restore(double weight, double usage, DateTimeOffset usageAt) => (Weight, _usage, _usageAt) = (weight, usage, usageAt);

    /// <summary>Devices of a lease that was there before a restart: its use is in the stored value up to that moment.</summary>
    public void RestoreHeld(int devices) => Held += devices;

    /// <summary>Whether it may hold so many more.</summary>
    public bool MayHold(int devices) => MaxDevices is not { } most || Held + devices <= most;

    private void Settle(DateTimeOffset now)
    {
        _usage = Usage(now);
        _usageAt = now > _usageAt ? now : _usageAt;
    }
}
