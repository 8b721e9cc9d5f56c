using Orchestrator.Abstractions;
using Orchestrator.Contracts.Runs;
using Orchestrator.Contracts.Scheduling;

namespace Orchestrator.Grains.Runs;

/// <summary>What a run must not forget.</summary>
[GenerateSerializer, Alias("stage-run-state")]
public sealed class StageRunState
{
    /// <summary>Null: no experiment ever asked for the stage.</summary>
    [Id(0)]
    public string? DefinitionJson { get; set; }

    /// <summary>The newest lease that this run was told of.</summary>
    [Id(1)]
    public long Epoch { get; set; }

    /// <summary>The newest lease whose attempt has ended: it cannot commit any more.</summary>
    [Id(2)]
    public long ClosedEpoch { get; set; }

    /// <summary>Attempts so far.</summary>
    [Id(3)]
    public int Attempts { get; set; }

    /// <summary>Attempts lost since the last checkpoint.</summary>
    [Id(4)]
    public int FruitlessAttempts { get; set; }

    [Id(5)]
    public CheckpointRef? Checkpoint { get; set; }

    /// <summary>The end; null while there is work to do.</summary>
    [Id(6)]
    public RunOutcome? Outcome { get; set; }

    /// <summary>Experiments to tell of the end.</summary>
    [Id(7)]
    public List<ExperimentId> Waiting { get; set; } = [];

    /// <summary>Attempts in a row that may be lost without a new checkpoint; null: as the silo's options say.</summary>
    [Id(8)]
    public int? LostAttempts { get; set; }

    /// <summary>How processes ended that it took down since the last checkpoint, oldest first.</summary>
    [Id(9)]
    public List<ProcessEnd> Crashes { get; set; } = [];

    /// <summary>It failed in company since the last checkpoint: to be tried apart.</summary>
    [Id(10)]
    public bool IsApart { get; set; }

    /// <summary>Attempts that ran out of memory, alone on their device.</summary>
    [Id(11)]
    public int OutOfMemoryAttempts { get; set; }

    /// <summary>Attempts in which a plugin failed.</summary>
    [Id(12)]
    public int PluginAttempts { get; set; }

    /// <summary>Null: as the silo's options say.</summary>
    [Id(13)]
    public int? OutOfMemoryRetries { get; set; }

    /// <summary>Null: as the silo's options say.</summary>
    [Id(14)]
    public int? PluginRetries { get; set; }

    /// <summary>The checkpoint before <see cref="Checkpoint"/>, kept until that one was read once.</summary>
    [Id(15)]
    public CheckpointRef? PreviousCheckpoint { get; set; }

    /// <summary>Processes that it took down since the last checkpoint.</summary>
    [Id(16)]
    public int CrashedAttempts { get; set; }

    /// <summary>When it was first asked for since its last end; null: not yet, or before that was noted.</summary>
    [Id(20)]
    public DateTimeOffset? AskedAt { get; set; }

    /// <summary>The first span of its trace, as <c>traceparent</c>; null: nobody listened.</summary>
    [Id(21)]
    public string? Trace { get; set; }

    /// <summary>What it was worth at rungs, by rung; one for each.</summary>
    [Id(22)]
    public List<RungResult> Rungs { get; set; } = [];

    /// <summary>The experiments of <see cref="Waiting"/> in which it competes, and may be stopped early.</summary>
    [Id(23)]
    public List<Competition> Competitions { get; set; } = [];

    /// <summary>The newest lease whose attempt ended by waiting at a rung; 0: none did.</summary>
    [Id(24)]
    public long HeldEpoch { get; set; }

    /// <summary>The rung at which it waits; null: at none.</summary>
    public double? HeldAt => Outcome is null && Rungs.Find(result => IsHeldAt(result.Rung)) is { } held ? held.Rung : null;

    /// <summary>Rungs that somebody wants to know of and that were not measured, growing.</summary>
    public IReadOnlyList<double> OpenRungs =>
        [.. Competitions.SelectMany(competition => competition.Rungs).Distinct().Where(rung => !Rungs.Exists(result => result.Rung == rung)).Order()];

    /// <summary>Whether everybody who waits for it, and there is somebody, has yet to decide on that rung.</summary>
    public bool IsHeldAt(double rung) => Waiting.Count > 0
        && Waiting.TrueForAll(experiment => Competitions.Exists(competition => competition.Experiment == experiment && competition.Waits(rung)));

    /// <summary>Measured twice, as after a crash before the first was kept, is measured once: the values are equal.</summary>
    public void Keep(RungResult result)
    {
        Rungs.RemoveAll(known => known.Rung == result.Rung);
        Rungs.Add(result);
        Rungs.Sort((left, right) => left.Rung.CompareTo(right.Rung));
    }

    /// <summary>Nothing that went wrong counts any more: a new demand. Who else wants it still says so when it is held.</summary>
    public void Absolve()
    {
        Outcome = null;
        Waiting = [];
        Competitions = [];
        FruitlessAttempts = CrashedAttempts = OutOfMemoryAttempts = PluginAttempts = 0;
        Crashes = [];
        IsApart = false;
    }

    /// <summary>It came further than before: whatever happened before is over.</summary>
    public void Progressed()
    {
        FruitlessAttempts = CrashedAttempts = 0;
        Crashes = [];
        IsApart = false;
    }

    /// <summary>Whether a commit under this lease counts.</summary>
    public bool IsCurrent(long epoch) => epoch == Epoch && epoch > ClosedEpoch;
}

/// <summary>One experiment's early stopping of a run.</summary>
[GenerateSerializer, Alias("competition")]
public sealed class Competition
{
    [Id(0)]
    public required ExperimentId Experiment { get; set; }

    /// <summary>Shares of the tokens at which it decides.</summary>
    [Id(1)]
    public List<double> Rungs { get; set; } = [];

    /// <summary>Those beyond which it lets the run go on.</summary>
    [Id(2)]
    public List<double> Passed { get; set; } = [];

    /// <summary>Whether it has yet to decide on a rung.</summary>
    public bool Waits(double rung) => Rungs.Contains(rung) && !Passed.Contains(rung);
}
