using System.Globalization;
using Orchestrator.Abstractions;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Contracts.Runs;

namespace Orchestrator.Client.Display;

/// <summary>Progress where nothing can be drawn over: a line when a stage changes, and now and then one for each that runs.</summary>
/// <param name="write">Takes a line.</param>
/// <param name="time">The clock.</param>
public sealed class ProgressLines(Action<string> write, TimeProvider time) : IProgressDisplay
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(10);
    private readonly Dictionary<StageKey, (StagePhase Phase, int Attempts)> _seen = [];
    private readonly long _start = time.GetTimestamp();
    private TimeSpan _lastProgress;

    public void Show(ExperimentStatus status)
    {
        foreach (var stage in status.Stages)
        {
            ShowChange(stage);
        }

        var elapsed = time.GetElapsedTime(_start);
        if (elapsed - _lastProgress < Between)
        {
            return;
        }

        _lastProgress = elapsed;
        var done = status.Stages.Count(stage => stage.Phase.IsDone());
        foreach (var stage in status.Stages.Where(stage => stage is { Phase: StagePhase.Running, Progress: not null }))
        {
            Write($"{stage.Label}: {Describe(stage.Progress!)} [{done}/{status.Stages.Count} stages]");
        }
    }

    public void Notice(string text) => Write(text);

    public void Dispose()
    {
        // Lines stay.
    }

    /// <summary>One run's progress in a line.</summary>
    public static string Describe(RunProgress progress)
    {
        List<string> parts = [progress.Activity];
        if (progress.Steps > 0)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"step {progress.Step}/{progress.Steps}"));
        }

        if (progress.TokensPerSecond > 0)
        {
            parts.Add($"{Numbers.Rate(progress.TokensPerSecond)} tokens/s");
        }

        if (progress.Loss is { } loss)
        {
            parts.Add($"loss {Numbers.Fraction(loss)}");
        }

        if (progress.L0 is { } l0)
        {
            parts.Add($"L0 {Numbers.L0(l0)}");
        }

        if (RunEstimate.Remaining(progress) is { } remaining)
        {
            parts.Add($"{Numbers.Duration(remaining)} left");
        }

        return string.Join(", ", parts);
    }

    private void ShowChange(StageStatus stage)
    {
        var known = _seen.TryGetValue(stage.Key, out var before);
        _seen[stage.Key] = (stage.Phase, stage.Attempts);
        if (known && stage.Attempts > before.Attempts && before.Attempts > 0)
        {
            Write(string.Create(CultureInfo.InvariantCulture, $"{stage.Label}: attempt {stage.Attempts}"));
        }

        // Waiting is no news, nor is what follows from a dictionary that was stopped.
        var isNews = stage.Phase is not (StagePhase.Blocked or StagePhase.Queued or StagePhase.AtRung) && (stage.Phase != StagePhase.Stopped || stage.Key.IsTrained());
        if ((!known || before.Phase != stage.Phase) && isNews)
        {
            Write($"{stage.Label}: {(stage.Phase == StagePhase.Stopped ? stage.Reason : PhaseNames.Of(stage.Phase))}{(stage.Phase == StagePhase.Failed ? $": {stage.Reason}" : "")}");
        }
    }

    private void Write(string text) => write($"[{Numbers.Duration(time.GetElapsedTime(_start))}] {text}");
}
