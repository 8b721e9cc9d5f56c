using Orchestrator.Numerics.Metrics.Reconstruction;
using Xunit;

namespace Orchestrator.Unit.Numerics.Metrics.Reconstruction;

public sealed class CosineSimilarityTests : ReconstructionConformance<CosineSimilarity>
{
    [Fact]
    public void Value_OfTheExample() => Assert.Equal(((2 / Math.Sqrt(5)) + 2) / 3, OfTheExample(), 1e-15);

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(0, 2, 0)]
    [InlineData(2, 0, 0)]
    [InlineData(-2, 2, -1)]
    public void Value_OfZeroVectors_IsDefined(float x, float xHat, double expected) => Assert.Equal(expected, Of(1, [x], [xHat]));

    [Theory]
    [InlineData(1e-40f)]
    [InlineData(0.1f)]
    [InlineData(3e38f)]
    public void Value_OfAPerfectReconstruction_IsOneAtAnyScale(float scale)
    {
        float[] x = [scale, -scale / 3, scale / 7];
        Assert.Equal(1, Of(3, x, x));
    }

    protected override CosineSimilarity Create(int dim) => new();

    protected override double Plain(double[][] x, double[][] xHat) => x.Zip(xHat, (a, b) => Dot(a, b) / Length(a) / Length(b)).Average();
}
