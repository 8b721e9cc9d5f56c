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
                Commit(run, evaluation, reporter);
            }
        }
    }

    private static void Commit(DictionaryRun run, DictionaryEvaluation evaluation, IJobReporter reporter)
    {
        var trainer = run.Trainer;
        var folder = reporter.NewWorkFolder(run.Key);
        trainer.Dictionary.Save(folder);
        ResultJson.Write(
            Path.Combine(folder, ModelStages.ResultFile),
            evaluation.ToResult(trainer.TokensSeen, trainer.TokensPerSecond, trainer.ResampledFeatures));
        FeatureTable.Write(Path.Combine(folder, FeaturesFile), evaluation.Features);
        reporter.CommitResult(run.Key, folder);
    }
}
