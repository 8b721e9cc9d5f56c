namespace Orchestrator.Numerics.Metrics.Densities;

/// <summary>
/// Share of all features, dead ones included, that fire on more than 1 %, or 10 %, of the tokens (SAEBench's
/// <c>freq_over_1_percent</c> and <c>freq_over_10_percent</c>). Many above 1 %: λ is too low (paper, "Metrics").
/// </summary>
/// <example>3 features over 100 tokens, firing on 0, 1 and 2 of them: 1/3 above 1 %, which 1 of 100 is not.</example>
public static class DenseFeatures
{
    public const double OnePercent = 0.01;

    public const double TenPercent = 0.1;

    /// <summary>NaN where there is no feature.</summary>
    public static double ShareAbove(FeatureDensity density, double threshold) =>
        (double)density.Count(feature => density.Of(feature) > threshold) / density.FeatureCount;
}
