using Orchestrator.Abstractions;
using Orchestrator.Contracts.Runs;
using Orchestrator.Silo.Stages;

namespace Orchestrator.Unit.Silo.Stages;

/// <summary>Keeps what a job commits in folders of its own.</summary>
internal sealed class RecordingJobReporter(string root) : IJobReporter
{
    private readonly Dictionary<StageKey, CheckpointRef> _checkpoints = [];
    private int _folders;

    /// <summary>Called after each checkpoint.</summary>
    public Action? OnCheckpoint { get; set; }

    /// <summary>Committed artefacts.</summary>
    public Dictionary<StageKey, string> Results { get; } = [];

    /// <summary>Stages that failed, with the reason.</summary>
    public Dictionary<StageKey, string> Failures { get; } = [];

    /// <summary>Rungs at which stages are to be measured; those that were, are not.</summary>
    public List<double> Rungs { get; } = [];

    /// <summary>What was reported at rungs.</summary>
    public List<(StageKey Stage, RungResult Result)> RungResults { get; } = [];

    /// <summary>Says whether a stage waits at a rung; throws to end the job there. Null: none waits.</summary>
    public Func<StageKey, RungResult, bool>? OnRung { get; set; }

    public IReadOnlyList<double> RungsOf(StageKey stage) => [.. Rungs.Where(rung => !RungResults.Any(known => known.Stage == stage && known.Result.Rung == rung))];

    public bool ReportRung(StageKey stage, RungResult result)
    {
        var isHeld = OnRung?.Invoke(stage, result) ?? false;
        RungResults.Add((stage, result));
        return isHeld;
    }

    public CheckpointRef? CheckpointOf(StageKey stage) => _checkpoints.GetValueOrDefault(stage);

    public void Progress(StageKey stage, RunProgress progress)
    {
    }

    public string NewCheckpointFolder(StageKey stage, long step) => NewFolder();

    public void CommitCheckpoint(StageKey stage, CheckpointRef checkpoint)
    {
        _checkpoints[stage] = checkpoint;
        OnCheckpoint?.Invoke();
    }

    public string NewWorkFolder(StageKey stage) => NewFolder();

    public void CommitResult(StageKey stage, string workFolder) => Results.Add(stage, workFolder);

    public void Fail(StageKey stage, FailureClass failure, string reason) => Failures.Add(stage, reason);

    public void Abandon(FailureClass failure, string reason) => throw new NotSupportedException(reason);

    private string NewFolder() => Directory.CreateDirectory(Path.Combine(root, $"{_folders++}")).FullName;
}
