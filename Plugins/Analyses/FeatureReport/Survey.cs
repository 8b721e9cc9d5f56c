using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Analyses.Statistics;

namespace Orchestrator.Analyses.FeatureReport;

/// <summary>What is measured of a source in two readings: the features, the neurons as their null, the random twin's.</summary>
internal sealed class Survey
{
    // Enough that a top interval's tokens are counted exactly in practice.
    private const int TokenSlots = 64;

    private readonly IFeatureSource _source;
    private readonly bool _isNeurons;
    private readonly ActivationCache _cache;
    private readonly Coactivations _withNeurons;
    private readonly long[] _histogram;
    private readonly TopTokens _topIntervalTokens;

    public Survey(IFeatureSource source, IFeatureSource neurons, FeatureReportOptions options)
    {
        _source = source;
        _isNeurons = ReferenceEquals(source, neurons);
        _cache = new ActivationCache(source, options.CacheBytes);
        _withNeurons = new Coactivations(source.FeatureCount, neurons.FeatureCount);
        _histogram = new long[source.FeatureCount * ActivationIntervals.Count];
        _topIntervalTokens = new TopTokens(source.FeatureCount, TokenSlots);
    }

    public IFeatureSource Source => _source;

    public FeatureMoments Moments => _withNeurons.First;

    /// <summary>First reading of the source's activations.</summary>
    public SparseActivations Read(TokenBatch batch) => _cache.First(batch);

    /// <summary>Second reading; the same.</summary>
    public SparseActivations ReadAgain(TokenBatch batch) => _cache.Second(batch);

    /// <summary>Of the first reading: maxima, densities, correlations with neurons.</summary>
    public void Count(SparseActivations activations, SparseActivations neurons) => _withNeurons.Add(activations, neurons);

    /// <summary>Of the second reading: histograms, tokens of the top interval, and contexts where wanted.</summary>
    public void CountAgain(TokenBatch batch, SparseActivations activations, ContextReservoir? contexts)
    {
        for (var row = 0; row < batch.Count; row++)
        {
            var features = activations.FeaturesOf(row);
            var values = activations.ValuesOf(row);
            for (var i = 0; i < features.Length; i++)
            {
                var interval = ActivationIntervals.Of(values[i], Moments.Maximum(features[i]));
                _histogram[features[i] * ActivationIntervals.Count + interval]++;
                contexts?.Offer(features[i], interval, values[i], batch, row);
                if (interval == 0)
                {
                    _topIntervalTokens.Add(features[i], batch.Tokens[row], 1);
                }
            }
        }
    }

    /// <summary>Firings of a feature in an interval.</summary>
    public long Firings(int feature, int interval) => _histogram[feature * ActivationIntervals.Count + interval];

    /// <summary>The neuron whose activations correlate best with a feature's; of a neuron, another one.</summary>
    public (int Neuron, double Correlation) ClosestNeuron(int feature)
    {
        var neurons = _withNeurons.Second.FiringAtLeast(1);
        return _withNeurons.BestMatch(feature, _isNeurons ? [.. neurons.Where(neuron => neuron != feature)] : neurons);
    }

    public Dictionary<string, double> Metrics(string suffix, long minTopFirings)
    {
        var alive = Moments.FiringAtLeast(1);
        var judged = alive.Where(feature => Firings(feature, 0) >= minTopFirings).ToArray();
        return new Dictionary<string, double>
        {
            ["features_reported" + suffix] = alive.Length,
            ["dead_features" + suffix] = Moments.DeadCount(),
            ["median_density" + suffix] = Samples.Median(alive.Select(Moments.Density)),
            ["median_closest_neuron_correlation" + suffix] = Samples.Median(alive.Select(feature => ClosestNeuron(feature).Correlation)),
            ["single_token_share" + suffix] = Samples.Share(judged, feature => _topIntervalTokens.Of(feature, 2).Count == 1),
            ["context_consistency" + suffix] = judged.Length == 0 ? 0 : judged.Average(Consistency),
        };
    }

    private double Consistency(int feature) =>
        Math.Min(1, _topIntervalTokens.Of(feature, 1)[0].Weight / Firings(feature, 0));
}
