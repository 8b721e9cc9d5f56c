using Orchestrator.Abstractions.Analyses;
using Orchestrator.Numerics.Metrics.Activations;
using Orchestrator.Numerics.Metrics.Densities;
using Xunit;

namespace Orchestrator.Unit.Numerics.Metrics.Densities;

/// <summary>Densities, and everything that is counted by them.</summary>
public sealed class FeatureDensityTests : MetricConformance<FeatureDensity>
{
    private const double Threshold = 0.02;

    private static readonly UltralowDensityCluster Cluster = new(Threshold);

    /// <summary>Every feature is dead, and none has a density.</summary>
    protected override double[] OfNothing =>
        [.. Enumerable.Repeat(double.NaN, MeasuredTokens.Features), 0, MeasuredTokens.Features, 0, 0, 0, .. new double[40]];

    [Fact]
    public void Of_TheExample()
    {
        var density = Firing(3, 0, 1, 3);
        Assert.Equal([0, 1.0 / 3, 1], Enumerable.Range(0, 3).Select(density.Of));
        Assert.Equal(1, DeadFeatures.Count(density));
    }

    [Fact]
    public void DeadAndUltralow_AreCountedApart()
    {
        var density = Firing(1_000, 0, 1, 10);
        var cluster = new UltralowDensityCluster(0.005);
        Assert.Equal((1, 1), (DeadFeatures.Count(density), cluster.Count(density)));
        Assert.Equal([false, true, false], Enumerable.Range(0, 3).Select(feature => cluster.Contains(density, feature)));
    }

    [Fact]
    public void Ultralow_IsBelowItsThresholdAndNotAtIt() => Assert.Equal(0, new UltralowDensityCluster(0.25).Count(Firing(4, 1)));

    [Fact]
    public void Histogram_OfTheExample()
    {
        var histogram = DensityHistogram.Of(Firing(1_000, 0, 1, 1_000));
        Assert.Equal(40, histogram.Length);
        Assert.Equal([28, 39], Enumerable.Range(0, 40).Where(bin => histogram[bin] > 0));
        Assert.Equal(2, histogram.Sum());
    }

    [Fact]
    public void Histogram_BinsAreQuartersOfDecades()
    {
        // log10 of 1/1,000, 2/1,000 and 10/1,000: −3, −2.7 and −2, in bins (−3 + 10) · 4 = 28, 29 and 32.
        var histogram = DensityHistogram.Of(Firing(1_000, 1, 2, 10));
        Assert.Equal([28, 29, 32], Enumerable.Range(0, 40).Where(bin => histogram[bin] > 0));
    }

    [Fact]
    public void Dense_IsAboveItsThresholdAndNotAtIt()
    {
        var density = Firing(100, 0, 1, 2);
        Assert.Equal(1.0 / 3, DenseFeatures.ShareAbove(density, DenseFeatures.OnePercent));
        Assert.Equal(0, DenseFeatures.ShareAbove(density, DenseFeatures.TenPercent));
    }

    protected override FeatureDensity Create() => new(MeasuredTokens.Features);

    protected override void Add(FeatureDensity metric, MeasuredTokens tokens) => metric.Add(tokens.ByFeature());

    protected override double[] Read(FeatureDensity metric) =>
    [
        .. Enumerable.Range(0, MeasuredTokens.Features).Select(metric.Of),
        metric.Tokens,
        DeadFeatures.Count(metric),
        Cluster.Count(metric),
        DenseFeatures.ShareAbove(metric, DenseFeatures.OnePercent),
        DenseFeatures.ShareAbove(metric, DenseFeatures.TenPercent),
        .. DensityHistogram.Of(metric).Select(count => (double)count),
    ];

    protected override double[] Plain(MeasuredTokens tokens)
    {
        double[] densities = [.. Enumerable.Range(0, MeasuredTokens.Features).Select(feature => tokens.F.Average(f => f[feature] > 0 ? 1.0 : 0.0))];
        return
        [
            .. densities,
            tokens.Count,
            densities.Count(density => density == 0),
            densities.Count(density => density is > 0 and < Threshold),
            densities.Average(density => density > 0.01 ? 1.0 : 0.0),
            densities.Average(density => density > 0.1 ? 1.0 : 0.0),
            .. Enumerable.Range(0, 40).Select(bin => (double)densities.Count(density =>
                density > 0 && Math.Log10(density) >= -10 + (bin / 4.0) && (bin == 39 || Math.Log10(density) < -10 + ((bin + 1) / 4.0)))),
        ];
    }

    /// <summary>It counts pairs and reads no value.</summary>
    protected override void CheckNotFinite(double[] found) => Assert.All(found, number => Assert.True(double.IsFinite(number)));

    /// <summary>Features that fire on the first few of so many tokens.</summary>
    private static FeatureDensity Firing(int tokens, params int[] counts)
    {
        var active = Enumerable.Range(0, tokens).Select(token => Enumerable.Range(0, counts.Length).Where(feature => token < counts[feature]).ToArray()).ToArray();
        var offsets = new int[tokens + 1];
        for (var token = 0; token < tokens; token++) offsets[token + 1] = offsets[token] + active[token].Length;
        int[] features = [.. active.SelectMany(list => list)];
        var density = new FeatureDensity(counts.Length);
        density.Add(new ActivationsByFeature(
            new SparseActivations(tokens, counts.Length, offsets, features, Array.ConvertAll(features, _ => 1f)), new int[tokens]));
        return density;
    }
}
