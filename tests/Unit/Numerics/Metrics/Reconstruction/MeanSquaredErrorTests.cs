using Orchestrator.Numerics.Metrics.Reconstruction;
using Xunit;

namespace Orchestrator.Unit.Numerics.Metrics.Reconstruction;

public sealed class MeanSquaredErrorTests : ReconstructionConformance<MeanSquaredError>
{
    [Fact]
    public void Value_OfTheExample() => Assert.Equal(1.0 / 3, OfTheExample(), 1e-15);

    protected override MeanSquaredError Create(int dim) => new();

    protected override double Plain(double[][] x, double[][] xHat) => x.Zip(xHat, SquaredDistance).Sum() / (x.Length * x[0].Length);
}
