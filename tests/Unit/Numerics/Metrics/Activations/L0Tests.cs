using Orchestrator.Abstractions.Analyses;
using Orchestrator.Numerics.Metrics.Activations;
using Xunit;

namespace Orchestrator.Unit.Numerics.Metrics.Activations;

public sealed class L0Tests : MetricConformance<L0>
{
    [Fact]
    public void Value_OfTheExample()
    {
        var metric = new L0();
        metric.Add(new SparseActivations(3, 4, [0, 1, 4, 4], [2, 0, 1, 3], [1, 1, 1, 1]));
        Assert.Equal(4.0 / 3, metric.Value);
    }

    protected override L0 Create() => new();

    protected override void Add(L0 metric, MeasuredTokens tokens) => metric.Add(tokens.Sparse());

    protected override double[] Read(L0 metric) => [metric.Value];

    protected override double[] Plain(MeasuredTokens tokens) => [tokens.F.Average(f => f.Count(value => value > 0))];

    /// <summary>It counts pairs and reads no value.</summary>
    protected override void CheckNotFinite(double[] found) => Assert.True(double.IsFinite(found[0]));
}
