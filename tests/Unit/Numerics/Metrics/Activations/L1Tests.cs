using Orchestrator.Abstractions.Analyses;
using Orchestrator.Numerics.Metrics.Activations;
using Xunit;

namespace Orchestrator.Unit.Numerics.Metrics.Activations;

public sealed class L1Tests : MetricConformance<L1>
{
    [Fact]
    public void Value_OfTheExample()
    {
        var metric = new L1();
        metric.Add(new SparseActivations(3, 4, [0, 1, 4, 4], [2, 0, 1, 3], [2, 1, 0.5f, 0.5f]));
        Assert.Equal(4.0 / 3, metric.Value);
    }

    protected override L1 Create() => new();

    protected override void Add(L1 metric, MeasuredTokens tokens) => metric.Add(tokens.Sparse());

    protected override double[] Read(L1 metric) => [metric.Value];

    protected override double[] Plain(MeasuredTokens tokens) => [tokens.F.Average(f => f.Sum())];
}
