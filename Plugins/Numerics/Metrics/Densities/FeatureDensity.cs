using Orchestrator.Numerics.Metrics.Activations;

namespace Orchestrator.Numerics.Metrics.Densities;

/// <summary>Density of each feature: the share of tokens on which it fires, #{t : f_i(t) &gt; 0} / N (paper, "Metrics").</summary>
/// <example>3 features over 3 tokens, firing on 0, 1 and 3 of them: densities 0, 1/3 and 1.</example>
/// <param name="featureCount">F.</param>
public sealed class FeatureDensity(int featureCount)
{
    private readonly long[] _counts = new long[featureCount];

    /// <summary>F.</summary>
    public int FeatureCount => featureCount;

    /// <summary>N.</summary>
    public long Tokens { get; private set; }

    /// <summary>NaN before the first token.</summary>
    public double Of(int feature) => (double)_counts[feature] / Tokens;

    public bool HasFired(int feature) => _counts[feature] > 0;

    /// <summary>Adds the next tokens.</summary>
    /// <exception cref="ArgumentException">They are of another number of features.</exception>
    public void Add(ActivationsByFeature activations)
    {
        activations.Require(featureCount);
        Tokens += activations.TokenCount;
        for (var feature = 0; feature < featureCount; feature++) _counts[feature] += activations.CountOf(feature);
    }

    /// <summary>How many features there are of which that holds.</summary>
    internal int Count(Func<int, bool> holds)
    {
        var count = 0;
        for (var feature = 0; feature < featureCount; feature++) count += holds(feature) ? 1 : 0;
        return count;
    }
}
