using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Results;
using Orchestrator.Numerics.Metrics;
using Orchestrator.Numerics.Transformers;

namespace Orchestrator.Silo.Stages;

/// <summary>Measures trained dictionaries, writes their artefacts, and commits them.</summary>
internal sealed class DictionaryPublisher(StageInputs inputs)
{
    public const string FeaturesFile = "features.parquet";

    /// <param name="runs">Trained to the end, of one model.</param>
    public void Publish(IReadOnlyList<DictionaryRun> runs, Transformer model, IJobReporter reporter, CancellationToken stop)
    {
        // Dictionaries of one stream that are measured alike share the passes through the model.
        foreach (var alike in runs.GroupBy(run => (run.Stage.Evaluation, run.Stage.Tokens, run.Stage.Tokenizer)))
        {
            var group = alike.ToList();
            group.ForEach(run => reporter.Progress(run.Key, StageProgress.Doing("evaluating")));
            var vocabulary = inputs.Tokenizer(alike.Key.Tokenizer);
            using var validation = inputs.ValidationTokens(alike.Key.Tokens);
            var evaluations = new DictionaryEvaluator(model, vocabulary.Display)
                .Evaluate([.. group.Select(run => run.Trainer.Dictionary)], validation, alike.Key.Evaluation, stop);
            foreach (var (run, evaluation) in group.Zip(evaluations))
            {
                var trainer = run.Trainer;
                Commit(run.Key, evaluation, evaluation.ToResult(trainer.TokensSeen, trainer.TokensPerSecond, trainer.ResampledFeatures), reporter, run.Metrics);
            }
        }
    }

    /// <summary>Writes the artefact of a dictionary that was measured, and commits it.</summary>
    /// <param name="metrics">Of its training; null: it was not trained here.</param>
    public static void Commit(StageKey key, DictionaryEvaluation evaluation, DictionaryResult result, IJobReporter reporter, MetricSeries? metrics = null)
    {
        var folder = reporter.NewWorkFolder(key);
        evaluation.Dictionary.Save(folder);
        metrics?.Write(folder);
        ResultJson.Write(Path.Combine(folder, ModelStages.ResultFile), result);
        FeatureTable.Write(Path.Combine(folder, FeaturesFile), evaluation.Features);
        reporter.CommitResult(key, folder);
    }
}
