using Orchestrator.Numerics.Metrics.Reconstruction;
using Xunit;

namespace Orchestrator.Unit.Numerics.Metrics.Reconstruction;

public sealed class ReconstructedTokensTests
{
    [Fact]
    public void Moments_OfATokenThatIsNotFinite_AreNoNumbersAndThoseOfOthersStay()
    {
        var tokens = new ReconstructedTokens([1, 2, float.PositiveInfinity, 1, 3, 4], [1, 1, 2, 1, 3, float.NaN], 2);
        Assert.Equal(new TokenMoments(5, 2, 3, 1), tokens.Moments[0]);
        Assert.Equal([double.NaN, double.NaN], new[] { tokens.Moments[1].Reconstruction, tokens.Moments[2].Truth });
    }

    [Theory]
    [InlineData(4, 2, 2)]
    [InlineData(3, 3, 2)]
    public void Vectors_ThatDoNotFit_AreRefused(int x, int xHat, int dim) => Assert.Contains(
        $"{x} elements and {xHat} reconstructed ones of vectors of {dim}",
        Assert.Throws<ArgumentException>(() => new ReconstructedTokens(new float[x], new float[xHat], dim).Count).Message,
        StringComparison.Ordinal);
}
