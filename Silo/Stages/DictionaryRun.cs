using System.Diagnostics;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Results;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Contracts.Runs;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Dictionaries.Training;
using Orchestrator.Numerics.Transformers;

namespace Orchestrator.Silo.Stages;

/// <summary>One dictionary of a stream while it trains.</summary>
internal sealed class DictionaryRun : IDisposable
{
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly long _tokensBefore;

    /// <summary>Rungs by the step at which they are reached.</summary>
    private readonly Dictionary<long, double> _rungs;

    /// <summary>Step of the newest checkpoint; null: there is none.</summary>
    private long? _checkpointed;

    private DictionaryRun(StageKey key, DictionaryStage stage, DictionaryTrainer trainer, MetricSeries metrics, IReadOnlyList<double> rungs)
    {
        Key = key;
        Stage = stage;
        Trainer = trainer;
        Metrics = metrics;
        _tokensBefore = trainer.TokensSeen;
        _checkpointed = trainer.StepIndex > 0 ? trainer.StepIndex : null;
        _rungs = rungs.GroupBy(rung => EarlyStop.StepOf(rung, trainer.Steps)).ToDictionary(same => same.Key, same => same.First());
    }

    public StageKey Key { get; }

    public DictionaryStage Stage { get; }

    public DictionaryTrainer Trainer { get; }

    public MetricSeries Metrics { get; }

    public bool HasFailed { get; set; }

    /// <summary>It waits at a rung: nothing more of it is computed in this job.</summary>
    public bool IsHeld { get; private set; }

    public bool IsTraining => !HasFailed && !IsHeld && Trainer.StepIndex < Trainer.Steps;

    /// <summary>Trained to the end.</summary>
    public bool IsTrained => !HasFailed && !IsHeld && Trainer.StepIndex == Trainer.Steps;

    /// <summary>Whether it stands at a rung where it is to be measured before it goes on.</summary>
    public bool IsAtRung => IsTraining && _rungs.ContainsKey(Trainer.StepIndex);

    /// <summary>From its last checkpoint, or new.</summary>
    public static DictionaryRun Open(JobPart part, Transformer model, IJobReporter reporter)
    {
        var stage = (DictionaryStage)part.Definition;
        var (hookPoint, target) = (stage.Harvest.HookPoint, stage.Harvest.TargetHookPoint);
        var trainer = reporter.CheckpointOf(part.Key) is { } checkpoint
            ? DictionaryTrainer.Resume(checkpoint.Folder, model.Device)
            : new DictionaryTrainer(new SparseDictionary(
                stage.Dictionary,
                new DictionarySite(hookPoint.ToString(), model.WidthAt(hookPoint), target?.ToString(), target is { } at ? model.WidthAt(at) : null),
                model.Device));
        try
        {
            return new DictionaryRun(part.Key, stage, trainer, MetricSeries.Open(trainer.Steps, reporter.CheckpointOf(part.Key)), reporter.RungsOf(part.Key));
        }
        catch
        {
            trainer.Dispose();
            trainer.Dictionary.Dispose();
            throw;
        }
    }

    /// <summary>Notes what was measured since the last time, at the steps that have a row.</summary>
    /// <exception cref="DivergedException">The loss is no longer finite.</exception>
    public void Measure()
    {
        if (!Metrics.IsDue(Trainer.StepIndex))
            return;

        var metrics = Trainer.ReadMetrics();
        Metrics.Add(new MetricRow(Trainer.StepIndex, Trainer.TokensSeen, metrics.Loss, metrics.L0, metrics.MeanSquaredError));
    }

    /// <summary>Unless there is one of this step.</summary>
    public void Checkpoint(IJobReporter reporter)
    {
        if (_checkpointed == Trainer.StepIndex)
            return;

        var folder = reporter.NewCheckpointFolder(Key, Trainer.StepIndex);
        Trainer.SaveCheckpoint(folder);
        Metrics.Write(folder);
        reporter.CommitCheckpoint(Key, new CheckpointRef(Trainer.StepIndex, folder));
        _checkpointed = Trainer.StepIndex;
    }

    /// <summary>Tells what it is worth at the rung where it stands, and whether to wait there is said in the answer.</summary>
    public void ReportRung(DictionaryResult result, IJobReporter reporter)
    {
        _rungs.Remove(Trainer.StepIndex, out var rung);
        IsHeld = reporter.ReportRung(Key, new RungResult(rung, Trainer.StepIndex, RankingMetric.ValuesOf(result)));
    }

    /// <param name="activity">What it does at this step.</param>
    public void Report(IJobReporter reporter, string activity = "training")
    {
        var rate = (Trainer.TokensSeen - _tokensBefore) / Math.Max(1e-9, Stopwatch.GetElapsedTime(_began).TotalSeconds);
        reporter.Progress(Key, new RunProgress(
            Trainer.StepIndex, Trainer.Steps, Trainer.TokensSeen, rate, Metrics.Last?.Loss, Metrics.Last?.L0, activity));
    }

    public void Dispose()
    {
        Trainer.Dispose();
        Trainer.Dictionary.Dispose();
    }
}
