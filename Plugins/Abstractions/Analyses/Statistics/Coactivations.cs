using System.Numerics;

namespace Orchestrator.Abstractions.Analyses.Statistics;

/// <summary>
/// Exact streaming Pearson correlation of every feature of one source with every feature of another on the same tokens
/// (paper, "Universality"). Zeros add nothing to a product, so only pairs that are active together are touched.
/// Memory: 8 bytes × F₁ × F₂, whatever the number of tokens.
/// </summary>
public sealed class Coactivations(int firstCount, int secondCount)
{
    private readonly double[] _products = new double[checked(firstCount * secondCount)]; // Σ x y, [F₁, F₂]
    private readonly double[] _row = new double[secondCount];

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
            var secondFeatures = second.FeaturesOf(token);
            if (secondFeatures.Length * 8 > secondCount)
            {
                AddDense(first, second, token);
            }
            else
            {
                AddSparse(first.FeaturesOf(token), first.ValuesOf(token), secondFeatures, second.ValuesOf(token));
            }
        }
    }

    /// <summary>Pearson correlation over all tokens; 0 where either feature is constant.</summary>
    public double Pearson(int first, int second)
    {
        var scale = First.ScaledVariance(first) * Second.ScaledVariance(second);
        return scale <= 0 ? 0 : Math.Clamp(Covariance(first, second) / Math.Sqrt(scale), -1, 1);
    }

    /// <summary>The candidate that correlates best with a feature, the first of equals; (−1, 0) without candidates.</summary>
    public (int Feature, double Correlation) BestMatch(int first, ReadOnlySpan<int> candidates)
    {
        var best = (Feature: -1, Correlation: double.NegativeInfinity);
        foreach (var second in candidates)
        {
            var correlation = Pearson(first, second);
            if (correlation > best.Correlation)
            {
                best = (second, correlation);
            }
        }

        return best.Feature < 0 ? (-1, 0) : best;
    }

    private double Covariance(int first, int second) =>
        First.Tokens * _products[first * secondCount + second] - First.Sum(first) * Second.Sum(second);

    private void AddSparse(
        ReadOnlySpan<int> firstFeatures, ReadOnlySpan<float> firstValues, ReadOnlySpan<int> secondFeatures, ReadOnlySpan<float> secondValues)
    {
        for (var i = 0; i < firstFeatures.Length; i++)
        {
            var sums = _products.AsSpan(firstFeatures[i] * secondCount, secondCount);
            double x = firstValues[i];
            for (var k = 0; k < secondFeatures.Length; k++)
            {
                sums[secondFeatures[k]] += x * secondValues[k];
            }
        }
    }

    // Neurons are active too often for scattered writes: whole rows with SIMD instead.
    private void AddDense(SparseActivations first, SparseActivations second, int token)
    {
        var secondFeatures = second.FeaturesOf(token);
        var secondValues = second.ValuesOf(token);
        for (var k = 0; k < secondFeatures.Length; k++)
        {
            _row[secondFeatures[k]] = secondValues[k];
        }

        var firstFeatures = first.FeaturesOf(token);
        var firstValues = first.ValuesOf(token);
        for (var i = 0; i < firstFeatures.Length; i++)
        {
            AddScaled(_products.AsSpan(firstFeatures[i] * secondCount, secondCount), _row, firstValues[i]);
        }

        foreach (var feature in secondFeatures)
        {
            _row[feature] = 0;
        }
    }

    private static void AddScaled(Span<double> sums, ReadOnlySpan<double> values, double factor)
    {
        var factors = new Vector<double>(factor);
        var i = 0;
        for (; i <= sums.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            (new Vector<double>(sums[i..]) + factors * new Vector<double>(values[i..])).CopyTo(sums[i..]);
        }

        for (; i < sums.Length; i++)
        {
            sums[i] += factor * values[i];
        }
    }
}
