using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Results;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Tensors;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Metrics;

/// <summary>Gathers what a feature table says, batch by batch, from active pairs alone.</summary>
/// <param name="featureCount">F.</param>
/// <param name="ultralowThreshold">Density below which a feature that fires belongs to the ultralow density cluster.</param>
public sealed class FeatureStatisticsAccumulator(int featureCount, double ultralowThreshold)
{
    private const int TopTokenCount = 5;
    private const int LogitTokenCount = 10;
    private const int FeaturesAtOnce = 512;

    private readonly ActivationRange _range = new(featureCount);
    private readonly TopTokens _topTokens = new();

    public FeatureDensity Density { get; } = new(featureCount, ultralowThreshold);

    /// <param name="activations">Of a batch.</param>
    /// <param name="tokens">Token id of each of its rows.</param>
    /// <exception cref="ArgumentException">They do not fit each other or the feature count.</exception>
    public void Add(SparseActivations activations, ReadOnlySpan<int> tokens)
    {
        Density.Add(activations);
        _range.Add(activations);
        _topTokens.Add(activations, tokens);
    }

    /// <summary>One row for each feature, in order.</summary>
    /// <param name="dictionary">For the geometry of its features.</param>
    /// <param name="logitWeights">From directions, [n, D], to their effect on the logits, [n, V], which is disposed here.</param>
    /// <param name="tokenText">A token id as people read it.</param>
    public List<FeatureRow> Rows(SparseDictionary dictionary, Func<Tensor, Tensor> logitWeights, Func<int, string> tokenText)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var norms = dictionary.EncoderWeight.square().sum(dim: 1L).sqrt_();                                // [F]
        var alignments = dictionary.Site.TargetHookPoint is null
            ? (dictionary.EncoderWeight * dictionary.Directions(0, featureCount)).sum(dim: 1L).div_(norms)
            : full_like(norms, float.NaN);                                                                 // [F]
        var encoderNorms = HostMemory.ToSingles(norms);
        var cosines = HostMemory.ToSingles(alignments);
        var biases = HostMemory.ToSingles(dictionary.EncoderBias);
        var topTokens = _topTokens.First(TopTokenCount);
        var rows = new List<FeatureRow>(featureCount);
        for (var feature = 0; feature < featureCount; feature++)
        {
            rows.Add(new FeatureRow
            {
                Feature = feature,
                Density = Density.Of(feature),
                MaxActivation = _range.Max(feature),
                MeanActivation = _range.Mean(feature),
                EncoderBias = biases[feature],
                EncoderNorm = encoderNorms[feature],
                EncoderDecoderCosine = encoderNorms[feature] > 0 ? cosines[feature] : 0,
                Dead = Density.IsDead(feature),
                UltralowDensity = Density.IsUltralow(feature),
                TopTokens = [.. topTokens.GetValueOrDefault(feature, []).Select(tokenText)],
            });
        }

        AddLogits(rows, dictionary, logitWeights, tokenText);
        return rows;
    }

    private static void AddLogits(
        List<FeatureRow> rows, SparseDictionary dictionary, Func<Tensor, Tensor> logitWeights, Func<int, string> tokenText)
    {
        for (var start = 0; start < rows.Count; start += FeaturesAtOnce)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(FeaturesAtOnce, rows.Count - start);
            var weights = logitWeights(dictionary.Directions(start, count));   // [count, V]
            var most = (int)Math.Min(LogitTokenCount, weights.shape[1]);
            foreach (var largest in new[] { true, false })
            {
                var (values, indices) = weights.topk(most, 1, largest, true);               // [count, most]
                var (logits, tokens) = (HostMemory.ToSingles(values), indices.cpu().data<long>().ToArray());
                for (var i = 0; i < count; i++)
                {
                    List<string> texts = [.. tokens.AsSpan(i * most, most).ToArray().Select(token => tokenText((int)token))];
                    List<float> strengths = [.. logits.AsSpan(i * most, most)];
                    var row = rows[start + i];
                    if (largest) (row.PositiveLogitTokens, row.PositiveLogits) = (texts, strengths);
                    else (row.NegativeLogitTokens, row.NegativeLogits) = (texts, strengths);
                }
            }
        }
    }
}
