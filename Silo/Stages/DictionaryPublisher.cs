using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Results;
using Orchestrator.Numerics.Metrics;
using Orchestrator.Numerics.Transformers;

namespace Orchestrator.Silo.Stages;

/// <summary>Measures trained dictionaries, writes their artefacts, and commits them.</summary>
internal sealed class DictionaryPublisher(DictionaryMeasuring measuring)
{
    public const string FeaturesFile = "features.parquet";

    /// <param name="runs">Trained to the end, of one model.</param>
    public void Publish(IReadOnlyList<DictionaryRun> runs, Transformer model, IJobReporter reporter, CancellationToken stop)
    {
        foreach (var (run, evaluation, result) in measuring.Measure(runs, model, reporter, stop))
        {
            Commit(run.Key, evaluation, result, reporter, run.Metrics);
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
