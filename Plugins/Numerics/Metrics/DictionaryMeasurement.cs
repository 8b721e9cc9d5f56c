using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Metrics.Activations;
using Orchestrator.Numerics.Metrics.Densities;
using Orchestrator.Numerics.Metrics.Predictions;
using Orchestrator.Numerics.Metrics.Reconstruction;
using Orchestrator.Numerics.Tensors;
using Orchestrator.Numerics.Transformers;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Metrics;

/// <summary>
/// The metrics of one dictionary while batches pass. Keeps numbers for each feature, for each element of a vector, and for
/// each pair of feature and token id that occurs.
/// </summary>
internal sealed class DictionaryMeasurement(SparseDictionary dictionary, int vocabularySize, double ultralowDensity)
{
    private readonly L0 _l0 = new();
    private readonly L1 _l1 = new();
    private readonly MeanSquaredError _error = new();
    private readonly ExplainedVariance _variance = new(dictionary.OutputDim);
    private readonly CosineSimilarity _cosine = new();
    private readonly L2Ratio _ratio = new();
    private readonly RelativeReconstructionBias _bias = new();
    private readonly LossRecovered _loss = new();
    private readonly KlRecovered _divergence = new();
    private readonly FeatureStatisticsAccumulator _features = new(dictionary.FeatureCount, vocabularySize);

    /// <param name="x">Activations, [N, D].</param>
    /// <param name="target">What is to be reconstructed, [N, D_out]: <paramref name="x"/>, or a transcoder's target.</param>
    /// <param name="tokens">Token id of each row.</param>
    /// <returns>Reconstructions, [N, D_out]; the caller disposes.</returns>
    public Tensor Add(Tensor x, Tensor target, ReadOnlySpan<int> tokens)
    {
        var f = dictionary.EncodeSparse(x);
        var reconstruction = dictionary.Reconstruct(x, f);                                 // [N, D_out]
        _l0.Add(f);
        _l1.Add(f);
        _features.Add(f, tokens);
        using var scope = NewDisposeScope();
        var reconstructed = new ReconstructedTokens(Host(target), Host(reconstruction), dictionary.OutputDim);
        ReadOnlySpan<IReconstructionMetric> metrics = [_error, _variance, _cosine, _ratio, _bias];
        foreach (var metric in metrics) metric.Add(reconstructed);
        return reconstruction;
    }

    /// <param name="originalLosses">Of the untouched model, [B, T − 1].</param>
    /// <param name="zero">With zeros in place of the target.</param>
    /// <param name="spliced">With the reconstruction.</param>
    public void AddPredictions(Tensor originalLosses, SplicedTokens zero, SplicedTokens spliced)
    {
        using var scope = NewDisposeScope();
        _loss.Add(Host(originalLosses), Host(zero.Losses), Host(spliced.Losses));
        _divergence.Add(Host(spliced.Divergences), Host(zero.Divergences));
    }

    public DictionaryEvaluation Finish(Func<Tensor, Tensor> logitWeights, Func<int, string> tokenText)
    {
        var density = _features.Density;
        var ultralow = new UltralowDensityCluster(ultralowDensity);
        var rows = _features.Rows(dictionary, ultralow, logitWeights, tokenText);
        return new DictionaryEvaluation
        {
            Dictionary = dictionary,
            L0 = _l0.Value,
            L1 = _l1.Value,
            MeanSquaredError = _error.Value,
            ExplainedVariance = _variance.Value,
            CosineSimilarity = _cosine.Value,
            L2Ratio = _ratio.Value,
            RelativeReconstructionBias = _bias.Value,
            LossOriginal = _loss.Original,
            LossZero = _loss.Zero,
            LossSpliced = _loss.Spliced,
            LossRecovered = _loss.Value,
            KlZero = _divergence.Zero,
            KlSpliced = _divergence.Spliced,
            KlRecovered = _divergence.Value,
            DeadFeatures = DeadFeatures.Count(density),
            UltralowDensityFeatures = ultralow.Count(density),
            UltralowDensityThreshold = ultralow.Threshold,
            FeaturesAboveOnePercent = DenseFeatures.ShareAbove(density, DenseFeatures.OnePercent),
            FeaturesAboveTenPercent = DenseFeatures.ShareAbove(density, DenseFeatures.TenPercent),
            MeanMaxDecoderCosine = DecoderCosines.Mean([.. rows.Select(row => row.MaxDecoderCosine)]),
            Tokens = density.Tokens,
            DensityHistogram = DensityHistogram.Of(density),
            Features = rows,
        };
    }

    private static ReadOnlySpan<float> Host(Tensor tensor) => HostMemory.Singles(tensor.cpu().contiguous());
}
