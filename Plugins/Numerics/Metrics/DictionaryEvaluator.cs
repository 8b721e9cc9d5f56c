using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Harvest;
using Orchestrator.Numerics.Transformers;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Metrics;

/// <summary>
/// Measures the dictionaries of one model on the start of the validation split. The model runs to the hook point once
/// for each batch, whatever the number of dictionaries; each dictionary adds its splice.
/// </summary>
/// <param name="model">The model whose activations the dictionaries were trained on.</param>
/// <param name="tokenText">A token id as people read it.</param>
public sealed class DictionaryEvaluator(Transformer model, Func<int, string> tokenText)
{
    private const int BatchContexts = 16;

    /// <param name="dictionaries">All of this model.</param>
    /// <param name="validation">The validation split.</param>
    /// <param name="definition">How many tokens (rounded down to whole contexts, at least one), and the ultralow threshold.</param>
    /// <param name="stop">Looked at between batches.</param>
    /// <returns>One evaluation for each dictionary, in order.</returns>
    /// <exception cref="ArgumentException">A dictionary is of another width, or the split does not hold one context.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IReadOnlyList<DictionaryEvaluation> Evaluate(
        IReadOnlyList<SparseDictionary> dictionaries, ITokenSequence validation, EvaluationDefinition definition, CancellationToken stop)
    {
        foreach (var dictionary in dictionaries)
        {
            if (dictionary.ActivationDim != model.ActivationDim)
                throw new ArgumentException($"A dictionary of width {dictionary.ActivationDim} for a model of width {model.ActivationDim}.", nameof(dictionaries));
        }

        var measurements = dictionaries.Select(dictionary => new DictionaryMeasurement(dictionary, definition)).ToArray();
        var length = model.Definition.ContextLength;
        var contexts = ModelEvaluator.Contexts(validation, definition.Tokens, length);
        var reader = new ContextReader(validation, length, lookahead: 0, model.VocabularySize);
        for (long done = 0; done < contexts; done += BatchContexts)
        {
            stop.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            Measure(measurements, reader.ReadConsecutive(done, (int)Math.Min(BatchContexts, contexts - done), model.Device));
        }

        return Array.ConvertAll(measurements, measurement => measurement.Finish(model.LogitWeights, tokenText));
    }

    private void Measure(DictionaryMeasurement[] measurements, Tensor windows)
    {
        var state = model.RunToHook(windows);
        var x = state.Activations.reshape(-1, model.ActivationDim);                       // [B T, D]
        var original = Sum(model.TokenLosses(state, state.Activations, windows));
        var zero = Sum(model.TokenLosses(state, zeros_like(state.Activations), windows));
        var predicted = windows.shape[0] * (windows.shape[1] - 1);
        var ids = Array.ConvertAll(windows.cpu().data<long>().ToArray(), token => (int)token);
        foreach (var measurement in measurements)
        {
            using var scope = NewDisposeScope();
            var xHat = measurement.Add(x, ids);                                           // [B T, D]
            var spliced = Sum(model.TokenLosses(state, xHat.view(state.Activations.shape), windows));
            measurement.AddLosses(original, zero, spliced, predicted);
        }
    }

    private static double Sum(Tensor losses) => losses.sum(ScalarType.Float64).item<double>();
}
