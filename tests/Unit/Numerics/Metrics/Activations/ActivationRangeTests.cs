using Orchestrator.Abstractions.Analyses;
using Orchestrator.Numerics.Metrics.Activations;
using Xunit;

namespace Orchestrator.Unit.Numerics.Metrics.Activations;

public sealed class ActivationRangeTests : MetricConformance<ActivationRange>
{
    protected override double[] OfNothing => new double[2 * MeasuredTokens.Features];

    [Fact]
    public void MaxAndMean_OfTheExample()
    {
        var metric = new ActivationRange(2);
        metric.Add(new ActivationsByFeature(new SparseActivations(3, 2, [0, 0, 1, 2], [1, 1], [1, 3]), [0, 0, 0]));
        Assert.Equal((0f, 0f, 3f, 2f), (metric.Max(0), metric.Mean(0), metric.Max(1), metric.Mean(1)));
    }

    [Fact]
    public void Add_OfAnotherNumberOfFeatures_IsRefused() => Assert.Contains("Expected activations of 3 features, found 131", Assert.Throws<ArgumentException>(
        () => new ActivationRange(3).Add(MeasuredTokens.Random(1, 1).ByFeature())).Message, StringComparison.Ordinal);

    protected override ActivationRange Create() => new(MeasuredTokens.Features);

    protected override void Add(ActivationRange metric, MeasuredTokens tokens) => metric.Add(tokens.ByFeature());

    protected override double[] Read(ActivationRange metric) =>
        [.. Enumerable.Range(0, MeasuredTokens.Features).SelectMany(feature => new double[] { metric.Max(feature), metric.Mean(feature) })];

    protected override double[] Plain(MeasuredTokens tokens) => [.. Enumerable.Range(0, MeasuredTokens.Features).SelectMany(feature =>
    {
        var active = tokens.F.Select(f => f[feature]).Where(value => value > 0).DefaultIfEmpty().ToArray();
        return new double[] { active.Max(), (float)active.Average() };
    })];

    /// <summary>The feature that has the value tells it, and no other does.</summary>
    protected override void CheckNotFinite(double[] found)
    {
        Assert.All(found[^2..], number => Assert.False(double.IsFinite(number)));
        Assert.All(found[..^2], number => Assert.True(double.IsFinite(number)));
    }
}
