using Orchestrator.Numerics.Metrics.Predictions;
using Xunit;

namespace Orchestrator.Unit.Numerics.Metrics.Predictions;

public sealed class LossRecoveredTests : MetricConformance<LossRecovered>
{
    protected override double[] OfNothing => [double.NaN, double.NaN, double.NaN, double.NaN];

    [Fact]
    public void Value_OfTheExample_IsARatioOfSums()
    {
        var metric = new LossRecovered();
        metric.Add([1, 2, 3], [4, 4, 4], [1, 3, 3]);
        Assert.Equal(5.0 / 6, metric.Value, 1e-15);
        Assert.Equal((2, 4, 7.0 / 3), (metric.Original, metric.Zero, metric.Spliced));
    }

    [Fact]
    public void Value_OfTheReferenceOfOthers()
    {
        var metric = new LossRecovered();
        metric.Add([4.6936f], [13.0766f], [4.7141f]);
        Assert.Equal(0.99755, metric.Value, 5e-6);
    }

    [Fact]
    public void Add_OfOtherTokens_IsRefused() => Assert.Contains("1 original, 2 zero and 1 spliced losses", Assert.Throws<ArgumentException>(
        () => new LossRecovered().Add([1], [1, 2], [1])).Message, StringComparison.Ordinal);

    protected override LossRecovered Create() => new();

    protected override void Add(LossRecovered metric, MeasuredTokens tokens) =>
        metric.Add(tokens.OriginalLosses, tokens.ZeroLosses, tokens.SplicedLosses);

    protected override double[] Read(LossRecovered metric) => [metric.Value, metric.Original, metric.Zero, metric.Spliced];

    protected override double[] Plain(MeasuredTokens tokens)
    {
        var (original, zero, spliced) = (Mean(tokens.OriginalLosses), Mean(tokens.ZeroLosses), Mean(tokens.SplicedLosses));
        return [(zero - spliced) / (zero - original), original, zero, spliced];
    }

    private static double Mean(float[] losses) => losses.Average(loss => (double)loss);
}
