using Orchestrator.Abstractions;
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
    /// <exception cref="ArgumentException">
    /// The dictionaries are not all of one hook point of the model and of its width, or the split does not hold one context.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IReadOnlyList<DictionaryEvaluation> Evaluate(
        IReadOnlyList<SparseDictionary> dictionaries, ITokenSequence validation, EvaluationDefinition definition, CancellationToken stop)
    {
        var hookPoint = HookPointOf(dictionaries);

        var measurements = dictionaries.Select(dictionary => new DictionaryMeasurement(dictionary, definition)).ToArray();
        var length = model.Definition.ContextLength;
        var contexts = ModelEvaluator.Contexts(validation, definition.Tokens, length);
        var reader = new ContextReader(validation, length, lookahead: 0, model.VocabularySize);
        for (long done = 0; done < contexts; done += BatchContexts)
        {
            stop.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            Measure(measurements, hookPoint, reader.ReadConsecutive(done, (int)Math.Min(BatchContexts, contexts - done), model.Device));
        }

        return Array.ConvertAll(measurements, measurement => measurement.Finish(directions => model.LogitWeights(directions, hookPoint), tokenText));
    }

    private HookPoint HookPointOf(IReadOnlyList<SparseDictionary> dictionaries)
    {
        var names = dictionaries.Select(dictionary => dictionary.HookPoint).Distinct().ToArray();
        if (names.Length != 1)
            throw new ArgumentException($"Dictionaries are measured together at one hook point, not at {names.Length}: {string.Join(", ", names)}.", nameof(dictionaries));
        if (!HookPoint.TryParse(names[0], out var hookPoint))
            throw new ArgumentException($"The dictionaries' hook point '{names[0]}' is unknown; known: {HookPoint.Forms}.", nameof(dictionaries));
        var width = model.WidthAt(hookPoint);
        if (dictionaries.FirstOrDefault(dictionary => dictionary.ActivationDim != width) is { } other)
            throw new ArgumentException($"A dictionary of width {other.ActivationDim} for a model of width {width} at {hookPoint}.", nameof(dictionaries));
        return hookPoint;
    }

    private void Measure(DictionaryMeasurement[] measurements, HookPoint hookPoint, Tensor windows)
    {
        var state = model.RunToHook(windows, hookPoint);
        var x = state.Activations.reshape(-1, model.WidthAt(hookPoint));                  // [B T, D]
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
