using System.Diagnostics;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Results;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Contracts.Runs;
using Orchestrator.Numerics.Transformers;

namespace Orchestrator.Silo.Stages;

/// <summary>The stages that make models: trained ones, and their random twins.</summary>
internal sealed class ModelStages(StageInputs inputs)
{
    public const string ResultFile = "result.json";

    private static readonly TimeSpan ReportEvery = TimeSpan.FromMilliseconds(500);

    public void Train(StageKey key, ModelStage stage, IJobReporter reporter, CancellationToken stop)
    {
        var tokenizer = inputs.Tokenizer(stage.Tokenizer);
        using var train = inputs.TrainTokens(stage.Tokens);
        using var model = new Transformer(stage.Architecture, tokenizer.Size, inputs.Device, stage.Seed);
        using var trainer = new TransformerTrainer(model, stage.Training, train, stage.Seed);
        if (reporter.CheckpointOf(key) is { } checkpoint)
        {
            trainer.Resume(checkpoint.Folder);
        }

        var metrics = MetricSeries.Open(trainer.Steps, reporter.CheckpointOf(key));
        var rate = TrainToTheEnd(key, stage, trainer, metrics, reporter, stop);
        Finish(key, model, stage, reporter, new Origin(stage.Seed, RandomWeights: false, trainer.TokensSeen, rate), metrics);
    }

    public void Shuffle(StageKey key, RandomTwinStage stage, IJobReporter reporter, CancellationToken stop)
    {
        using var trained = inputs.Model(stage.Model);
        stop.ThrowIfCancellationRequested();
        using var twin = trained.RandomTwin(stage.Seed);
        var original = inputs.DefinitionOf<ModelStage>(stage.Model);
        Finish(key, twin, original, reporter, new Origin(original.Seed, RandomWeights: true, TokensTrained: 0, TokensPerSecond: 0));
    }

    /// <summary>Returns the throughput over this attempt, tokens per second.</summary>
    private static double TrainToTheEnd(
        StageKey key, ModelStage stage, TransformerTrainer trainer, MetricSeries metrics, IJobReporter reporter, CancellationToken stop)
    {
        var begun = Stopwatch.GetTimestamp();
        var tokensBefore = trainer.TokensSeen;
        var reported = begun;
        double Rate() => (trainer.TokensSeen - tokensBefore) / Math.Max(1e-9, Stopwatch.GetElapsedTime(begun).TotalSeconds);
        while (trainer.StepIndex < trainer.Steps)
        {
            if (stop.IsCancellationRequested)
            {
                Checkpoint(key, trainer, metrics, reporter);
                stop.ThrowIfCancellationRequested();
            }

            var step = trainer.Step();
            if (metrics.IsDue(trainer.StepIndex))
            {
                metrics.Add(new MetricRow(trainer.StepIndex, trainer.TokensSeen, step.Loss));
            }

            if (Stopwatch.GetElapsedTime(reported) > ReportEvery)
            {
                reported = Stopwatch.GetTimestamp();
                reporter.Progress(key, new RunProgress(trainer.StepIndex, trainer.Steps, trainer.TokensSeen, Rate(), step.Loss, null, "training"));
            }

            if (trainer.StepIndex % stage.Training.CheckpointEvery == 0 && trainer.StepIndex < trainer.Steps)
            {
                Checkpoint(key, trainer, metrics, reporter);
            }
        }

        return Rate();
    }

    private static void Checkpoint(StageKey key, TransformerTrainer trainer, MetricSeries metrics, IJobReporter reporter)
    {
        var folder = reporter.NewCheckpointFolder(key, trainer.StepIndex);
        trainer.SaveCheckpoint(folder);
        metrics.Write(folder);
        reporter.CommitCheckpoint(key, new CheckpointRef(trainer.StepIndex, folder));
    }

    /// <param name="trained">How the model, or the one that it is a twin of, was trained: on the same text as the bigram.</param>
    /// <param name="metrics">Of its training; null: it was not trained.</param>
    private void Finish(StageKey key, Transformer model, ModelStage trained, IJobReporter reporter, Origin origin, MetricSeries? metrics = null)
    {
        reporter.Progress(key, StageProgress.Doing("evaluating"));
        using var train = inputs.TrainTokens(trained.Tokens);
        using var validation = inputs.ValidationTokens(trained.Tokens);
        var context = model.Definition.ContextLength;
        var training = trained.Training;
        var bigram = BigramModel.Fit(train, training.Tokens, context, trained.Seed, model.VocabularySize);
        var folder = reporter.NewWorkFolder(key);
        model.Save(folder);
        metrics?.Write(folder);
        ResultJson.Write(Path.Combine(folder, ResultFile), new ModelResult
        {
            Seed = origin.Seed,
            RandomWeights = origin.RandomWeights,
            Parameters = model.ParameterCount,
            TokensTrained = origin.TokensTrained,
            ValidationLoss = ModelEvaluator.ValidationLoss(model, validation, training.ValidationTokens),
            BigramLoss = bigram.Loss(validation, training.ValidationTokens, context),
            TokensPerSecond = origin.TokensPerSecond,
        });
        reporter.CommitResult(key, folder);
    }

    private sealed record Origin(ulong Seed, bool RandomWeights, long TokensTrained, double TokensPerSecond);
}
