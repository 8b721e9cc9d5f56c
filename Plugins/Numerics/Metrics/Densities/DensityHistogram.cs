namespace Orchestrator.Numerics.Metrics.Densities;

/// <summary>
/// Features that fired, counted by log10 of their density: 40 bins, of which bin i covers [−10 + i/4, −10 + (i+1)/4) and
/// the last one 0, every token, too (paper, "Metrics", which leaves the bins open). Dead features have no logarithm and are
/// in none. Densities below 10⁻¹⁰ would be in the first.
/// </summary>
/// <example>3 features over 1,000 tokens, firing on 0, 1 and 1,000 of them: one each in bins 28 and 39.</example>
public static class DensityHistogram
{
    private const int Bins = 40;
    private const int BinsPerDecade = 4;
    private const double Lowest = -10;

    public static int[] Of(FeatureDensity density)
    {
        var bins = new int[Bins];
        for (var feature = 0; feature < density.FeatureCount; feature++)
        {
            if (!density.HasFired(feature)) continue;
            var bin = (int)Math.Floor((Math.Log10(density.Of(feature)) - Lowest) * BinsPerDecade);
            bins[Math.Clamp(bin, 0, Bins - 1)]++;
        }

        return bins;
    }
}
