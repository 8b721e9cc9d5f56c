namespace Orchestrator.Numerics.Dictionaries.Training;

/// <summary>
/// The point with the least sum of distances to a sample, by Weiszfeld's iteration from the mean (paper, "Autoencoder":
/// the pre-bias begins there; algorithm and sample size are not given).
/// </summary>
internal static class GeometricMedian
{
    private const int MaxIterations = 100;
    private const double Tolerance = 1e-6;

    /// <param name="sample">[N, D], row-major.</param>
    /// <param name="dim">D.</param>
    /// <returns>[D].</returns>
    public static double[] Of(ReadOnlySpan<float> sample, int dim)
    {
        var rows = sample.Length / dim;
        var median = new double[dim];
        for (var row = 0; row < rows; row++)
            for (var i = 0; i < dim; i++) median[i] += sample[(row * dim) + i] / (double)rows;
        var next = new double[dim];
        for (var iteration = 0; iteration < MaxIterations; iteration++)
        {
            var moved = Iterate(sample, dim, median, next);
            (median, next) = (next, median);
            if (moved < Tolerance) break;
        }

        return median;
    }

    /// <returns>How far the point moved, relative to its mean distance from the sample.</returns>
    private static double Iterate(ReadOnlySpan<float> sample, int dim, double[] median, double[] next)
    {
        Array.Clear(next);
        double weights = 0, distances = 0;
        var rows = sample.Length / dim;
        for (var start = 0; start < sample.Length; start += dim)
        {
            var row = sample.Slice(start, dim);
            double square = 0;
            for (var i = 0; i < dim; i++) square += (row[i] - median[i]) * (row[i] - median[i]);
            var distance = Math.Sqrt(square);
            // A point of the sample at the median itself would have infinite weight.
            var weight = 1 / Math.Max(distance, 1e-12);
            weights += weight;
            distances += distance;
            for (var i = 0; i < dim; i++) next[i] += weight * row[i];
        }

        double moved = 0;
        for (var i = 0; i < dim; i++)
        {
            next[i] /= weights;
            moved += (next[i] - median[i]) * (next[i] - median[i]);
        }

        return distances == 0 ? 0 : Math.Sqrt(moved) * rows / distances;
    }
}
