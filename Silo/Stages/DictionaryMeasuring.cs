using Orchestrator.Abstractions.Results;
using Orchestrator.Numerics.Metrics;
using Orchestrator.Numerics.Transformers;

namespace Orchestrator.Silo.Stages;

/// <summary>Measures dictionaries of one stream, at their end and at rungs alike.</summary>
internal sealed class DictionaryMeasuring(StageInputs inputs)
{
    /// <param name="runs">Of one model; those that are measured alike share the passes through it.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IEnumerable<MeasuredRun> Measure(IEnumerable<DictionaryRun> runs, Transformer model, IJobReporter reporter, CancellationToken stop)
    {
        foreach (var alike in runs.GroupBy(run => (run.Stage.Evaluation, run.Stage.Tokens, run.Stage.Tokenizer)))
        {
            var group = alike.ToList();
            group.ForEach(run => run.Report(reporter, "evaluating"));
            var vocabulary = inputs.Tokenizer(alike.Key.Tokenizer);
            using var validation = inputs.ValidationTokens(alike.Key.Tokens);
            var evaluations = new DictionaryEvaluator(model, vocabulary.Display)
                .Evaluate([.. group.Select(run => run.Trainer.Dictionary)], validation, alike.Key.Evaluation, stop);
            foreach (var (run, evaluation) in group.Zip(evaluations))
            {
                var trainer = run.Trainer;
                yield return new MeasuredRun(run, evaluation, evaluation.ToResult(trainer.TokensSeen, trainer.TokensPerSecond, trainer.ResampledFeatures));
            }
        }
    }
}

/// <summary>A dictionary that was measured where it stands.</summary>
internal sealed record MeasuredRun(DictionaryRun Run, DictionaryEvaluation Evaluation, DictionaryResult Result);
