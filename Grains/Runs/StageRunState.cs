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

    /// <summary>Nothing that went wrong counts any more: a new demand.</summary>
    public void Absolve()
    {
        Outcome = null;
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
