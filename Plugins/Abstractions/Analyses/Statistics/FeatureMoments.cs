namespace Orchestrator.Abstractions.Analyses.Statistics;

/// <summary>Streaming firings, sums and maxima of each feature of a source. Memory: O(F).</summary>
public sealed class FeatureMoments(int featureCount)
{
    private readonly long[] _firings = new long[featureCount];
    private readonly double[] _sums = new double[featureCount];
    private readonly double[] _squares = new double[featureCount];
    private readonly float[] _maxima = new float[featureCount];

    /// <summary>F.</summary>
    public int FeatureCount => featureCount;

    /// <summary>Tokens seen.</summary>
    public long Tokens { get; private set; }

    /// <summary>Adds every token of a batch.</summary>
    /// <exception cref="ArgumentException">The activations are of another number of features.</exception>
    public void Add(SparseActivations activations)
    {
        if (activations.FeatureCount != featureCount)
        {
            throw new ArgumentException($"Expected {featureCount} features, got {activations.FeatureCount}.", nameof(activations));
        }

        Tokens += activations.TokenCount;
        var pairs = activations.Offsets[activations.TokenCount];
        for (var p = activations.Offsets[0]; p < pairs; p++)
        {
            var feature = activations.Features[p];
            var value = activations.Values[p];
            _firings[feature]++;
            _sums[feature] += value;
            _squares[feature] += (double)value * value;
            _maxima[feature] = Math.Max(_maxima[feature], value);
        }
    }

    /// <summary>Tokens on which the feature fired.</summary>
    public long Firings(int feature) => _firings[feature];

    /// <summary>Share of tokens on which the feature fired.</summary>
    public double Density(int feature) => Tokens == 0 ? 0 : (double)_firings[feature] / Tokens;

    /// <summary>Σ x over all tokens.</summary>
    public double Sum(int feature) => _sums[feature];

    /// <summary>Σ x² over all tokens.</summary>
    public double SumOfSquares(int feature) => _squares[feature];

    /// <summary>Largest activation; 0 for a feature that never fired.</summary>
    public float Maximum(int feature) => _maxima[feature];

    /// <summary>n Σ x² − (Σ x)²: n² times the variance over all tokens.</summary>
    public double ScaledVariance(int feature) => Tokens * _squares[feature] - _sums[feature] * _sums[feature];

    /// <summary>The features that fired on at least so many tokens, ascending.</summary>
    public int[] FiringAtLeast(long firings) =>
        [.. Enumerable.Range(0, featureCount).Where(feature => _firings[feature] >= firings)];

    /// <summary>Features that never fired.</summary>
    public int DeadCount() => _firings.Count(static firings => firings == 0);
}
