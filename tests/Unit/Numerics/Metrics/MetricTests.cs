using Orchestrator.Abstractions.Analyses;
using Orchestrator.Numerics.Metrics;
using Orchestrator.Numerics.Tensors;
using Xunit;

namespace Orchestrator.Unit.Numerics.Metrics;

public sealed class MetricTests
{
    private const int Dim = 6;
    private const int Features = 9;
    private const int Tokens = 97;

    [Fact]
    public void ExplainedVariance_OfTheReferenceExample()
    {
        var metric = new ExplainedVariance(2);
        metric.Add([2, 0, 0, 4], [2, 1, 0, 3]);
        Assert.Equal(0.8, metric.Value, 1e-12);
    }

    [Fact]
    public void ExplainedVariance_OfTheMean_IsZero()
    {
        var metric = new ExplainedVariance(2);
        metric.Add([2, 0, 0, 4], [1, 2, 1, 2]);
        Assert.Equal(0, metric.Value, 1e-12);
    }

    [Fact]
    public void LossRecovered_OfTheReferenceExample_IsARatioOfSums()
    {
        var metric = new LossRecovered();
        metric.Add(4.6936, 13.0766, 4.7141, 1);
        Assert.Equal(0.99755, metric.Value, 5e-6);
        metric.Add(1, 2, 2, 3);
        Assert.Equal((15.0766 - 6.7141) / (15.0766 - 5.6936), metric.Value, 1e-12);
        Assert.Equal(5.6936 / 4, metric.Original, 1e-12);
    }

    [Fact]
    public void FeatureDensity_CountsDeadAndUltralowApart()
    {
        // Of 1,000 tokens feature 0 fires on none, 1 on one, 2 on ten and 3 on all.
        var density = new FeatureDensity(4, ultralowThreshold: 0.005);
        for (var token = 0; token < 1_000; token++)
        {
            List<int> features = [3];
            if (token < 10) features.Insert(0, 2);
            if (token == 0) features.Insert(0, 1);
            density.Add(Row([.. features], 4));
        }

        Assert.Equal(1, density.Dead);
        Assert.Equal(1, density.Ultralow);
        Assert.True(density.IsDead(0) && density.IsUltralow(1) && !density.IsUltralow(0));
        var histogram = density.Histogram();
        Assert.Equal(40, histogram.Length);
        // log10 densities −3, −2 and 0: bins (−3 + 10) · 4, (−2 + 10) · 4 and the last.
        Assert.Equal([28, 32, 39], Enumerable.Range(0, 40).Where(bin => histogram[bin] > 0));
        Assert.Equal(3, histogram.Sum());
    }

    [Fact]
    public void L0AndRange_OfThreeTokens()
    {
        var activations = new SparseActivations(3, 2, [0, 2, 3, 3], [0, 1, 1], [1, 2, 4]);
        var (l0, range) = (new L0(), new ActivationRange(2));
        l0.Add(activations);
        range.Add(activations);
        Assert.Equal(1, l0.Value);
        Assert.Equal((1f, 1f, 4f, 3f), (range.Max(0), range.Mean(0), range.Max(1), range.Mean(1)));
    }

    [Fact]
    public void TopTokens_AreThoseOfTheGreatestSum()
    {
        var top = new TopTokens();
        top.Add(new SparseActivations(4, 3, [0, 1, 2, 3, 4], [1, 1, 1, 2], [1f, 1.5f, 1f, 5f]), [7, 9, 7, 4]);
        var first = top.First(1);
        Assert.Equal([7], first[1]);
        Assert.Equal([4], first[2]);
        Assert.False(first.ContainsKey(0));
        Assert.Equal([7, 9], top.First(5)[1]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(64)]
    public void NoMetric_DependsOnTheBatchSize(int batch) => Assert.Equal(Measure(Tokens), Measure(batch));

    private static double[] Measure(int batch)
    {
        var random = new SeededRandom(5);
        var (x, xHat, f) = (new float[Tokens * Dim], new float[Tokens * Dim], new float[Tokens * Features]);
        random.FillGaussian(x, 3);
        random.FillGaussian(xHat, 2);
        random.FillGaussian(f, 1);
        var (variance, error, l0) = (new ExplainedVariance(Dim), new MeanSquaredError(), new L0());
        var (density, range) = (new FeatureDensity(Features, 0.4), new ActivationRange(Features));
        for (var start = 0; start < Tokens; start += batch)
        {
            var count = Math.Min(batch, Tokens - start);
            variance.Add(x.AsSpan(start * Dim, count * Dim), xHat.AsSpan(start * Dim, count * Dim));
            error.Add(x.AsSpan(start * Dim, count * Dim), xHat.AsSpan(start * Dim, count * Dim));
            var activations = Sparse(f.AsSpan(start * Features, count * Features));
            l0.Add(activations);
            density.Add(activations);
            range.Add(activations);
        }

        var perFeature = Enumerable.Range(0, Features).SelectMany(i => new double[] { density.Of(i), range.Max(i), range.Mean(i) });
        return [variance.Value, error.Value, l0.Value, density.Ultralow, .. perFeature];
    }

    private static SparseActivations Row(int[] features, int featureCount) =>
        new(1, featureCount, [0, features.Length], features, Array.ConvertAll(features, _ => 1f));

    private static SparseActivations Sparse(ReadOnlySpan<float> dense)
    {
        var (offsets, features, values) = (new List<int> { 0 }, new List<int>(), new List<float>());
        for (var i = 0; i < dense.Length; i++)
        {
            if (dense[i] > 0)
            {
                features.Add(i % Features);
                values.Add(dense[i]);
            }

            if (i % Features == Features - 1) offsets.Add(features.Count);
        }

        return new SparseActivations(dense.Length / Features, Features, [.. offsets], [.. features], [.. values]);
    }
}
