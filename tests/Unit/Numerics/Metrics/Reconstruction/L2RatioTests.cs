using Orchestrator.Numerics.Metrics.Reconstruction;
using Xunit;

namespace Orchestrator.Unit.Numerics.Metrics.Reconstruction;

public sealed class L2RatioTests : ReconstructionConformance<L2Ratio>
{
    [Fact]
    public void Value_OfTheExample() => Assert.Equal(((Math.Sqrt(5) / 2) + 0.75 + 1) / 3, OfTheExample(), 1e-15);

    [Theory]
    [InlineData(0f, 0.5f, 0.5)]
    [InlineData(0f, 0f, 0)]
    [InlineData(0.9e-4f, 0.5f, 0.5)]
    [InlineData(0.25f, 0.5f, 2)]
    public void Value_OfShortVectors_IsAsOthersDefineIt(float x, float xHat, double expected) => Assert.Equal(expected, Of(1, [x], [xHat]));

    protected override L2Ratio Create(int dim) => new();

    protected override double Plain(double[][] x, double[][] xHat) => x.Zip(xHat, (a, b) => Length(b) / Length(a)).Average();
}
