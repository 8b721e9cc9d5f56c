using Orchestrator.Numerics.Metrics.Reconstruction;
using Xunit;

namespace Orchestrator.Unit.Numerics.Metrics.Reconstruction;

public sealed class RelativeReconstructionBiasTests : ReconstructionConformance<RelativeReconstructionBias>
{
    [Fact]
    public void Value_OfTheExample() => Assert.Equal(19.0 / 21, OfTheExample(), 1e-15);

    [Fact]
    public void Value_IsTheDivisorOfTheLeastError()
    {
        float[] x = [1, 2, -1, 0.5f];
        float[] xHat = [0.7f, 1.1f, -0.4f, 0.6f];
        var best = Of(2, x, xHat);
        Assert.All([best * 0.99, best * 1.01], other => Assert.True(Error(best) < Error(other)));

        double Error(double divisor) => x.Zip(xHat, (a, b) => Math.Pow(a - (b / divisor), 2)).Sum();
    }

    [Fact]
    public void Value_OfASilentDictionary_IsNoNumber() => Assert.Equal(double.NaN, Of(1, [1, 2], [0, 0]));

    protected override RelativeReconstructionBias Create(int dim) => new();

    protected override double Plain(double[][] x, double[][] xHat) => xHat.Sum(b => Dot(b, b)) / x.Zip(xHat, Dot).Sum();
}
