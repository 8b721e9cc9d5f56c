using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Results;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Metrics.Activations;
using Orchestrator.Numerics.Metrics.Densities;
using Orchestrator.Numerics.Tensors;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Metrics;

/// <summary>Gathers what a feature table says, batch by batch, from active pairs alone.</summary>
/// <param name="featureCount">F.</param>
/// <param name="vocabularySize">V.</param>
public sealed class FeatureStatisticsAccumulator(int featureCount, int vocabularySize)
{
    private const int TopTokenCount = 5;
    private const int LogitTokenCount = 10;
    private const int FeaturesAtOnce = 512;

    private readonly ActivationRange _range = new(featureCount);
    private readonly TopTokens _topTokens = new(featureCount, vocabularySize);

    public FeatureDensity Density { get; } = new(featureCount);

    /// <param name="activations">Of a batch.</param>
    /// <param name="tokens">Token id of each of its rows.</param>
    /// <exception cref="ArgumentException">They do not fit each other, the feature count or the vocabulary.</exception>
    public void Add(SparseActivations activations, ReadOnlySpan<int> tokens)
    {
        var byFeature = new ActivationsByFeature(activations, tokens);
        Density.Add(byFeature);
        _range.Add(byFeature);
        _topTokens.Add(byFeature);
    }

    /// <summary>One row for each feature, in order.</summary>
    /// <param name="dictionary">For the geometry of its features.</param>
    /// <param name="ultralow">Which features belong to the ultralow density cluster.</param>
    /// <param name="logitWeights">From directions, [n, D_out], to their effect on the logits, [n, V], which is disposed here.</param>
    /// <param name="tokenText">A token id as people read it.</param>
    public List<FeatureRow> Rows(
        SparseDictionary dictionary, UltralowDensityCluster ultralow, Func<Tensor, Tensor> logitWeights, Func<int, string> tokenText)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var norms = dictionary.EncoderWeight.square().sum(dim: 1L).sqrt_();                // [F]
        var encoderNorms = HostMemory.ToSingles(norms);
        var encoderCosines = EncoderDecoderCosines(dictionary, norms);
        var decoderCosines = DecoderCosines.Greatest(dictionary.DecoderWeight);
        var biases = HostMemory.ToSingles(dictionary.EncoderBias);
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
                EncoderDecoderCosine = encoderCosines[feature],
                MaxDecoderCosine = decoderCosines[feature],
                Dead = DeadFeatures.Contains(Density, feature),
                UltralowDensity = ultralow.Contains(Density, feature),
                TopTokens = [.. _topTokens.First(feature, TopTokenCount).Select(tokenText)],
            });
        }

        AddLogits(rows, dictionary, logitWeights, tokenText);
        return rows;
    }

    /// <summary>Of rows of unit norm with rows of these norms; NaN of a dictionary whose decoder writes into another space.</summary>
    private float[] EncoderDecoderCosines(SparseDictionary dictionary, Tensor encoderNorms)
    {
        if (dictionary.Site.TargetHookPoint is not null)
        {
            var none = new float[featureCount];
            Array.Fill(none, float.NaN);
            return none;
        }

        var products = (dictionary.EncoderWeight * dictionary.Directions(0, featureCount)).sum(dim: 1L);
        return HostMemory.ToSingles(products.div_(encoderNorms.where(encoderNorms > 0, ones_like(encoderNorms))));
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
