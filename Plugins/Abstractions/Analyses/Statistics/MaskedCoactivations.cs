namespace Orchestrator.Abstractions.Analyses.Statistics;

/// <summary>
/// Streaming masked activation cosines of every feature of one source with every feature of another (paper,
/// "Splitting"). Only pairs that are active together are touched. Memory: 24 bytes × F₁ × F₂.
/// </summary>
public sealed class MaskedCoactivations(int firstCount, int secondCount)
{
    // Beside one another, since one update writes all three: Σ x y, Σ x² and Σ y² over tokens on which both fire.
    private readonly double[] _sums = new double[checked(firstCount * secondCount * 3)];

    public FeatureMoments First { get; } = new(firstCount);

    public FeatureMoments Second { get; } = new(secondCount);

    /// <summary>Adds a batch: row t of both is the same token.</summary>
    /// <exception cref="ArgumentException">The batches differ in length.</exception>
    public void Add(SparseActivations first, SparseActivations second)
    {
        if (first.TokenCount != second.TokenCount)
        {
            throw new ArgumentException($"{first.TokenCount} and {second.TokenCount} tokens do not line up.", nameof(second));
        }

        First.Add(first);
        Second.Add(second);
        for (var token = 0; token < first.TokenCount; token++)
        {
            var firstFeatures = first.FeaturesOf(token);
            var firstValues = first.ValuesOf(token);
            var secondFeatures = second.FeaturesOf(token);
            var secondValues = second.ValuesOf(token);
            for (var i = 0; i < firstFeatures.Length; i++)
            {
                var row = _sums.AsSpan(firstFeatures[i] * secondCount * 3, secondCount * 3);
                double x = firstValues[i];
                for (var k = 0; k < secondFeatures.Length; k++)
                {
                    double y = secondValues[k];
                    var sums = row.Slice(secondFeatures[k] * 3, 3);
                    sums[2] += y * y;
                    sums[1] += x * x;
                    sums[0] += x * y;
                }
            }
        }
    }

    /// <summary>
    /// The greater of two cosines: over the tokens on which the first feature fires, and over those on which the second
    /// does. 0 where they never fire together.
    /// </summary>
    public double MaskedCosine(int first, int second)
    {
        var sums = _sums.AsSpan((first * secondCount + second) * 3, 3);
        if (sums[0] <= 0)
        {
            return 0;
        }

        var whereFirst = sums[0] / Math.Sqrt(First.SumOfSquares(first) * sums[2]);
        var whereSecond = sums[0] / Math.Sqrt(sums[1] * Second.SumOfSquares(second));
        return Math.Min(1, Math.Max(whereFirst, whereSecond));
    }
}
