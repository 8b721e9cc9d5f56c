namespace Orchestrator.Analyses.FeatureReport;

/// <summary>
/// Intervals of equal width in activation value between 0 and a feature's maximum, never quantiles; 0 is the one that
/// holds the maximum (paper, "Global analyses", footnote on intervals).
/// </summary>
internal static class Intervals
{
    public const int Count = 11;

    /// <summary>The interval of an activation, 0 &lt; value ≤ maximum.</summary>
    public static int Of(float value, float maximum) => Math.Clamp((int)((1 - (double)value / maximum) * Count), 0, Count - 1);

    public static double LowerEdge(int interval, float maximum) => (double)maximum * (Count - 1 - interval) / Count;

    public static double UpperEdge(int interval, float maximum) => (double)maximum * (Count - interval) / Count;
}
