using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Harvest;
using Orchestrator.Numerics.Tensors;
using Orchestrator.Numerics.Transformers;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Metrics;

/// <summary>
/// Measures dictionaries of one model on the start of the validation split. For all that stand at the same place in it the
/// model runs there once for each batch, and once more on untouched and on zero activations; each dictionary adds its
/// splice. Memory: a batch of activations for each dictionary, and what <see cref="DictionaryMeasurement"/> keeps; whatever
/// the number of tokens.
/// </summary>
/// <param name="model">The model whose activations the dictionaries were trained on.</param>
/// <param name="tokenText">A token id as people read it.</param>
public sealed class DictionaryEvaluator(Transformer model, Func<int, string> tokenText)
{
    private const int BatchContexts = 16;

    /// <param name="dictionaries">All of this model, at any hook points of it.</param>
    /// <param name="validation">The validation split.</param>
    /// <param name="definition">How many tokens (rounded down to whole contexts, at least one), and the ultralow threshold.</param>
    /// <param name="stop">Looked at between batches.</param>
    /// <returns>One evaluation for each dictionary, in order.</returns>
    /// <exception cref="ArgumentException">
    /// The model has no such hook points as a dictionary's, or of another width, or the split does not hold one context.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IReadOnlyList<DictionaryEvaluation> Evaluate(
        IReadOnlyList<SparseDictionary> dictionaries, ITokenSequence validation, EvaluationDefinition definition, CancellationToken stop)
    {
        var sites = dictionaries.Select(dictionary => EvaluationSite.Of(dictionary, model)).ToArray();
        var evaluations = new DictionaryEvaluation[dictionaries.Count];
        foreach (var alike in Enumerable.Range(0, dictionaries.Count).GroupBy(i => sites[i]))
        {
            var measurements = alike.Select(i => new DictionaryMeasurement(dictionaries[i], model.VocabularySize, definition.UltralowDensity)).ToArray();
            Measure(measurements, alike.Key, validation, definition.Tokens, stop);
            foreach (var (i, measurement) in alike.Zip(measurements))
                evaluations[i] = measurement.Finish(directions => model.LogitWeights(directions, alike.Key.Target), tokenText);
        }

        return evaluations;
    }

    private void Measure(
        DictionaryMeasurement[] measurements, EvaluationSite site, ITokenSequence validation, long tokens, CancellationToken stop)
    {
        var length = model.Definition.ContextLength;
        var contexts = ModelEvaluator.Contexts(validation, tokens, length);
        var reader = new ContextReader(validation, length, lookahead: 0, model.VocabularySize);
        for (long done = 0; done < contexts; done += BatchContexts)
        {
            stop.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            Measure(measurements, site, reader.ReadConsecutive(done, (int)Math.Min(BatchContexts, contexts - done), model.Device));
        }
    }

    private void Measure(DictionaryMeasurement[] measurements, EvaluationSite site, Tensor windows)
    {
        var state = model.RunToHook(windows, site.Target, site.Input);
        var x = Rows(state.Inputs);                                                        // [B T, D]
        var target = Rows(state.Activations);                                              // [B T, D_out]
        var tokens = Array.ConvertAll(HostMemory.Longs(windows.cpu()).ToArray(), token => (int)token);
        List<Tensor> replacements = [zeros_like(state.Activations)];
        foreach (var measurement in measurements)
            replacements.Add(measurement.Add(x, target, tokens).view(state.Activations.shape));
        var predictions = model.SpliceEach(state, replacements, windows);
        for (var i = 0; i < measurements.Length; i++)
            measurements[i].AddPredictions(predictions.OriginalLosses, predictions.Spliced[0], predictions.Spliced[i + 1]);
    }

    private static Tensor Rows(Tensor activations) => activations.reshape(-1, activations.shape[2]);
}
