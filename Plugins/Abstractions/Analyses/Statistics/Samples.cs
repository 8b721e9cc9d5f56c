namespace Orchestrator.Abstractions.Analyses.Statistics;

/// <summary>Summaries of numbers.</summary>
public static class Samples
{
    /// <summary>The median, of an even count the mean of the middle two; <paramref name="empty"/> of none.</summary>
    public static double Median(IEnumerable<double> values, double empty = 0)
    {
        var sorted = values.Order().ToArray();
        if (sorted.Length == 0)
        {
            return empty;
        }

        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>Share of values for which a condition holds; 0 of none.</summary>
    public static double Share<T>(IReadOnlyCollection<T> values, Func<T, bool> condition) =>
        values.Count == 0 ? 0 : (double)values.Count(condition) / values.Count;

    /// <summary>Pearson correlation of two vectors of equal length; 0 where either is constant.</summary>
    public static double Pearson(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        var (meanX, meanY) = (Mean(x), Mean(y));
        double xy = 0, xx = 0, yy = 0;
        for (var i = 0; i < x.Length; i++)
        {
            var (dx, dy) = (x[i] - meanX, y[i] - meanY);
            xy += dx * dy;
            xx += dx * dx;
            yy += dy * dy;
        }

        return xx <= 0 || yy <= 0 ? 0 : Math.Clamp(xy / Math.Sqrt(xx * yy), -1, 1);
    }

    /// <summary>Cosine of two vectors of equal length; 0 where either is zero.</summary>
    public static double Cosine(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        double xy = 0, xx = 0, yy = 0;
        for (var i = 0; i < x.Length; i++)
        {
            xy += (double)x[i] * y[i];
            xx += (double)x[i] * x[i];
            yy += (double)y[i] * y[i];
        }

        return xx <= 0 || yy <= 0 ? 0 : Math.Clamp(xy / Math.Sqrt(xx * yy), -1, 1);
    }

    /// <summary>Indices of the largest values, largest first, equals by index.</summary>
    public static int[] LargestIndices(ReadOnlySpan<float> values, int count)
    {
        var kept = new PriorityQueue<int, (float Value, int Index)>(count + 1);
        for (var i = 0; i < values.Length; i++)
        {
            // Among equals the higher index leaves first.
            if (kept.Count < count)
            {
                kept.Enqueue(i, (values[i], -i));
            }
            else if (count > 0 && values[i] > values[kept.Peek()])
            {
                kept.EnqueueDequeue(i, (values[i], -i));
            }
        }

        var indices = new int[kept.Count];
        for (var i = indices.Length - 1; i >= 0; i--)
        {
            indices[i] = kept.Dequeue();
        }

        return indices;
    }

    private static double Mean(ReadOnlySpan<float> values)
    {
        var sum = 0.0;
        foreach (var value in values)
        {
            sum += value;
        }

        return values.Length == 0 ? 0 : sum / values.Length;
    }
}
