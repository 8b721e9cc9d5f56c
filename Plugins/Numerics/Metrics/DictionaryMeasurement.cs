using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Tensors;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Metrics;

/// <summary>The metrics of one dictionary while batches pass.</summary>
internal sealed class DictionaryMeasurement(SparseDictionary dictionary, EvaluationDefinition definition)
{
    private readonly L0 _l0 = new();
    private readonly MeanSquaredError _error = new();
    private readonly ExplainedVariance _variance = new(dictionary.ActivationDim);
    private readonly LossRecovered _loss = new();
    private readonly FeatureStatisticsAccumulator _features = new(dictionary.FeatureCount, definition.UltralowDensity);

    /// <param name="x">Activations, [N, D].</param>
    /// <param name="tokens">Token id of each row.</param>
    /// <returns>Reconstructions, [N, D]; the caller disposes.</returns>
    public Tensor Add(Tensor x, ReadOnlySpan<int> tokens)
    {
        var f = dictionary.EncodeSparse(x);
        var xHat = dictionary.Reconstruct(x, f);                                                  // [N, D]
        using var scope = NewDisposeScope();
        var truth = HostMemory.Singles(x.cpu().contiguous());
        var reconstruction = HostMemory.Singles(xHat.cpu().contiguous());
        _l0.Add(f);
        _error.Add(truth, reconstruction);
        _variance.Add(truth, reconstruction);
        _features.Add(f, tokens);
        return xHat;
    }

    /// <inheritdoc cref="LossRecovered.Add"/>
    public void AddLosses(double original, double zero, double spliced, long predicted) =>
        _loss.Add(original, zero, spliced, predicted);

    public DictionaryEvaluation Finish(Func<Tensor, Tensor> logitWeights, Func<int, string> tokenText) => new()
    {
        Dictionary = dictionary,
        L0 = _l0.Value,
        MeanSquaredError = _error.Value,
        ExplainedVariance = _variance.Value,
        LossOriginal = _loss.Original,
        LossZero = _loss.Zero,
        LossSpliced = _loss.Spliced,
        LossRecovered = _loss.Value,
        DeadFeatures = _features.Density.Dead,
        UltralowDensityFeatures = _features.Density.Ultralow,
        UltralowDensityThreshold = definition.UltralowDensity,
        Tokens = _features.Density.Tokens,
        DensityHistogram = _features.Density.Histogram(),
        Features = _features.Rows(dictionary, logitWeights, tokenText),
    };
}
