namespace Orchestrator.Abstractions.Analyses.Statistics;

/// <summary>
/// Intervals of equal width in activation value between 0 and a feature's maximum, never quantiles; 0 is the one that
/// holds the maximum (paper, "Global analyses", footnote on intervals).
/// </summary>
public static class ActivationIntervals
{
    /// <summary>Intervals of a feature.</summary>
    public const int Count = 11;

    /// <summary>The interval of an activation, 0 &lt; value ≤ maximum.</summary>
    public static int Of(float value, float maximum) => Math.Clamp((int)((1 - (double)value / maximum) * Count), 0, Count - 1);

    /// <summary>Its lower edge, an activation.</summary>
    public static double LowerEdge(int interval, float maximum) => (double)maximum * (Count - 1 - interval) / Count;

    /// <summary>Its upper edge, an activation.</summary>
    public static double UpperEdge(int interval, float maximum) => (double)maximum * (Count - interval) / Count;
}
