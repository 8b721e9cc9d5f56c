using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Numerics.Metrics;

/// <summary>
/// Density of each feature, #{t : f_i(t) &gt; 0} / N, and what follows from it: the log10 histogram, dead features (never
/// fired) and the ultralow density cluster (fired, below a threshold). The two are disjoint (paper, "Metrics").
/// </summary>
/// <example>3 features over 4 tokens that fire on 0, 1 and 4 of them: densities 0, 0.25 and 1; one is dead.</example>
/// <param name="featureCount">F.</param>
/// <param name="ultralowThreshold">A feature that fires on a smaller share of tokens belongs to the cluster.</param>
public sealed class FeatureDensity(int featureCount, double ultralowThreshold)
{
    private const int Bins = 40;
    private const int BinsPerDecade = 4;
    private const double Lowest = -10;

    private readonly long[] _counts = new long[featureCount];

    /// <summary>N.</summary>
    public long Tokens { get; private set; }

    public int Dead => _counts.Count(count => count == 0);

    public int Ultralow => Enumerable.Range(0, featureCount).Count(IsUltralow);

    /// <summary>Counts of alive features by log10 density; bin i covers [−10 + i/4, −10 + (i+1)/4), the last one 0 too.</summary>
    public int[] Histogram()
    {
        var bins = new int[Bins];
        for (var feature = 0; feature < featureCount; feature++)
        {
            if (_counts[feature] == 0) continue;
            var bin = (int)Math.Floor((Math.Log10(Of(feature)) - Lowest) * BinsPerDecade);
            bins[Math.Clamp(bin, 0, Bins - 1)]++;
        }

        return bins;
    }

    public double Of(int feature) => (double)_counts[feature] / Tokens;

    public bool IsDead(int feature) => _counts[feature] == 0;

    public bool IsUltralow(int feature) => _counts[feature] > 0 && Of(feature) < ultralowThreshold;

    /// <exception cref="ArgumentException">They are of another number of features.</exception>
    public void Add(SparseActivations activations)
    {
        if (activations.FeatureCount != featureCount)
            throw new ArgumentException($"Expected activations of {featureCount} features, found {activations.FeatureCount}.", nameof(activations));
        Tokens += activations.TokenCount;
        foreach (var feature in activations.Features) _counts[feature]++;
    }
}
