using Orchestrator.Numerics.Metrics.Predictions;
using Xunit;

namespace Orchestrator.Unit.Numerics.Metrics.Predictions;

public sealed class KlRecoveredTests : MetricConformance<KlRecovered>
{
    protected override double[] OfNothing => [double.NaN, double.NaN, double.NaN];

    [Fact]
    public void Value_OfTheExample_IsARatioOfSums()
    {
        var metric = new KlRecovered();
        metric.Add([0.1f, 0.2f, 0.3f], [1, 2, 3]);
        Assert.Equal(0.9, metric.Value, 1e-7);
        Assert.Equal(0.2, metric.Spliced, 1e-7);
        Assert.Equal(2, metric.Zero, 1e-15);
    }

    [Fact]
    public void Value_WhereZerosMoveNothing_IsNoNumber()
    {
        var metric = new KlRecovered();
        metric.Add([0.1f], [0]);
        Assert.Equal(double.NaN, metric.Value);
    }

    [Fact]
    public void Add_OfOtherTokens_IsRefused() => Assert.Contains("1 spliced and 2 zero divergences", Assert.Throws<ArgumentException>(
        () => new KlRecovered().Add([1], [1, 2])).Message, StringComparison.Ordinal);

    protected override KlRecovered Create() => new();

    protected override void Add(KlRecovered metric, MeasuredTokens tokens) => metric.Add(tokens.SplicedDivergences, tokens.ZeroDivergences);

    protected override double[] Read(KlRecovered metric) => [metric.Value, metric.Spliced, metric.Zero];

    protected override double[] Plain(MeasuredTokens tokens)
    {
        var (spliced, zero) = (tokens.SplicedDivergences.Average(kl => (double)kl), tokens.ZeroDivergences.Average(kl => (double)kl));
        return [1 - (spliced / zero), spliced, zero];
    }
}
