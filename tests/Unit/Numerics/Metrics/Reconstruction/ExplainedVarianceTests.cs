using Orchestrator.Numerics.Metrics.Reconstruction;
using Xunit;

namespace Orchestrator.Unit.Numerics.Metrics.Reconstruction;

public sealed class ExplainedVarianceTests : ReconstructionConformance<ExplainedVariance>
{
    [Fact]
    public void Value_OfTheExample() => Assert.Equal(0.8, OfTheExample(), 1e-15);

    [Fact]
    public void Value_OfTheReferenceOfOthers() => Assert.Equal(0.8, Of(2, [2, 0, 0, 4], [2, 1, 0, 3]), 1e-15);

    [Fact]
    public void Value_OfTheMean_IsZero() => Assert.Equal(0, Of(2, [2, 0, 0, 4], [1, 2, 1, 2]), 1e-15);

    [Fact]
    public void Value_WhereActivationsDoNotVary_IsNoNumber() => Assert.Equal(double.NaN, Of(1, [3, 3, 3], [3, 3, 3]));

    [Fact]
    public void Add_OfVectorsOfAnotherLength_IsRefused() =>
        Assert.Contains("Vectors of 2 elements; expected 3", Assert.Throws<ArgumentException>(
            () => new ExplainedVariance(3).Add(new ReconstructedTokens([1, 2], [1, 2], 2))).Message, StringComparison.Ordinal);

    protected override ExplainedVariance Create(int dim) => new(dim);

    protected override double Plain(double[][] x, double[][] xHat)
    {
        if (x.Length == 1) return double.NaN;
        double[] mean = [.. Enumerable.Range(0, x[0].Length).Select(i => x.Average(vector => vector[i]))];
        return 1 - (x.Zip(xHat, SquaredDistance).Sum() / x.Sum(vector => SquaredDistance(vector, mean)));
    }
}
