namespace Orchestrator.Analyses.Density;

/// <summary>
/// Finds the ultralow density cluster: a mode of its own at the low end of the log-density histogram (paper, "Metrics",
/// which gives no rule for its bound).
/// </summary>
/// <remarks>
/// The rule. The histogram is smoothed by weights ¼, ½, ¼. A bin is a valley when
/// <list type="number">
/// <item>on either side there is a peak at least twice as high, and by three standard errors of a count of its size;</item>
/// <item>the two peaks are a decade or more apart, as are those that the paper tells of;</item>
/// <item>either side holds at least five features and 1 % of those that fired;</item>
/// <item>its middle is a density of at most 10⁻³: what fires more often is not rare;</item>
/// <item>and on the tokens read it stands for ten firings or more. Below that, two modes could be chance or the edge of
/// what so few tokens show.</item>
/// </list>
/// The bound is the middle of the deepest bin of the lowest run of valleys; features below it are the cluster. Where there
/// is no valley there is no cluster.
/// </remarks>
internal static class UltralowCluster
{
    private const double Depth = 0.5;
    private const double StandardErrors = 3;
    private const int FewestFeatures = 5;
    private const double SmallestShare = 0.01;
    private const double HighestBound = 1e-3;
    private const double FewestFirings = 10;

    /// <summary>A density; null where there is no cluster.</summary>
    /// <param name="histogram">Of <see cref="DensityHistogram"/>.</param>
    /// <param name="tokens">On which densities were measured.</param>
    public static double? Bound(IReadOnlyList<long> histogram, long tokens)
    {
        var smooth = Smooth(histogram);
        double? bound = null;
        var deepest = double.PositiveInfinity;
        for (var bin = 1; bin < smooth.Length - 1; bin++)
        {
            var density = Math.Pow(10, (DensityHistogram.Edge(bin) + DensityHistogram.Edge(bin + 1)) / 2);
            if (density > HighestBound || (bound is not null && !IsValley(histogram, smooth, bin)))
            {
                break;
            }

            if (density * tokens >= FewestFirings && smooth[bin] < deepest && IsValley(histogram, smooth, bin))
            {
                (bound, deepest) = (density, smooth[bin]);
            }
        }

        return bound;
    }

    private static bool IsValley(IReadOnlyList<long> histogram, double[] smooth, int bin)
    {
        var below = Highest(smooth, 0, bin);
        var above = Highest(smooth, bin + 1, smooth.Length);
        var needed = Math.Max(FewestFeatures, SmallestShare * histogram.Sum());
        return above - below >= DensityHistogram.BinsPerDecade
            && IsHigher(smooth[below], smooth[bin])
            && IsHigher(smooth[above], smooth[bin])
            && histogram.Take(bin).Sum() >= needed
            && histogram.Skip(bin + 1).Sum() >= needed;
    }

    private static bool IsHigher(double peak, double valley) =>
        valley <= Depth * peak && peak - valley >= StandardErrors * Math.Sqrt(SmoothedVariance * peak);

    // Of a weighted sum of three counts of one size: (¼² + ½² + ¼²) times that size.
    private const double SmoothedVariance = 0.375;

    private static double[] Smooth(IReadOnlyList<long> histogram)
    {
        double At(int bin) => bin < 0 || bin >= histogram.Count ? 0 : histogram[bin];
        return [.. Enumerable.Range(0, histogram.Count).Select(bin => (At(bin - 1) + 2 * At(bin) + At(bin + 1)) / 4)];
    }

    private static int Highest(double[] values, int from, int to)
    {
        var highest = from;
        for (var i = from; i < to; i++)
        {
            highest = values[i] > values[highest] ? i : highest;
        }

        return highest;
    }
}
