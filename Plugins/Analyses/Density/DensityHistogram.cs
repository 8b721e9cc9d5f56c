namespace Orchestrator.Analyses.Density;

/// <summary>
/// Features that fired, counted by log10 of their density in quarters of a decade: bin i covers
/// [−10 + i/4, −10 + (i+1)/4), and the last one 0 too. Dead features have no logarithm and are in none.
/// </summary>
internal static class DensityHistogram
{
    public const int Bins = 40;
    public const int BinsPerDecade = 4;
    private const double Lowest = -10;

    public static long[] Of(IEnumerable<double> densities)
    {
        var bins = new long[Bins];
        foreach (var density in densities.Where(static density => density > 0))
        {
            bins[Math.Clamp((int)Math.Floor((Math.Log10(density) - Lowest) * BinsPerDecade), 0, Bins - 1)]++;
        }

        return bins;
    }

    /// <summary>log10 of the density at which a bin begins, and the one before it ends.</summary>
    public static double Edge(int bin) => Lowest + (double)bin / BinsPerDecade;
}
