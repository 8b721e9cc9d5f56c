namespace Orchestrator.Numerics.Metrics.Densities;

/// <summary>
/// Features that fired on none of the tokens (paper, "Metrics": none of its 100 M). Not the test of resampling, which looks
/// at training batches; and of few tokens a rare feature looks dead.
/// </summary>
/// <example>3 features over 3 tokens, firing on 0, 1 and 3 of them: 1 is dead.</example>
public static class DeadFeatures
{
    public static int Count(FeatureDensity density) => density.Count(feature => Contains(density, feature));

    public static bool Contains(FeatureDensity density, int feature) => !density.HasFired(feature);
}
