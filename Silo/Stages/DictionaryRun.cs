using System.Diagnostics;
using Orchestrator.Abstractions;
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

    private DictionaryRun(StageKey key, DictionaryStage stage, DictionaryTrainer trainer, MetricSeries metrics)
    {
        Key = key;
        Stage = stage;
        Trainer = trainer;
        Metrics = metrics;
        _tokensBefore = trainer.TokensSeen;
    }

    public StageKey Key { get; }

    public DictionaryStage Stage { get; }

    public DictionaryTrainer Trainer { get; }

    public MetricSeries Metrics { get; }

    public bool HasFailed { get; set; }

    public bool IsTraining => !HasFailed && Trainer.StepIndex < Trainer.Steps;

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
            return new DictionaryRun(part.Key, stage, trainer, MetricSeries.Open(trainer.Steps, reporter.CheckpointOf(part.Key)));
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

    public void Checkpoint(IJobReporter reporter)
    {
        var folder = reporter.NewCheckpointFolder(Key, Trainer.StepIndex);
        Trainer.SaveCheckpoint(folder);
        Metrics.Write(folder);
        reporter.CommitCheckpoint(Key, new CheckpointRef(Trainer.StepIndex, folder));
    }

    public void Report(IJobReporter reporter)
    {
        var rate = (Trainer.TokensSeen - _tokensBefore) / Math.Max(1e-9, Stopwatch.GetElapsedTime(_began).TotalSeconds);
        reporter.Progress(Key, new RunProgress(
            Trainer.StepIndex, Trainer.Steps, Trainer.TokensSeen, rate, Metrics.Last?.Loss, Metrics.Last?.L0, "training"));
    }

    public void Dispose()
    {
        Trainer.Dispose();
        Trainer.Dictionary.Dispose();
    }
}
