using Orchestrator.Numerics.Dictionaries.Steps;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Dictionaries;

/// <summary>The hand-derived gradients of every architecture, on every path, against automatic differentiation.</summary>
public sealed class ArchitectureGradientTests
{
    public static TheoryData<string, GradientPath, string> Cases()
    {
        var cases = new TheoryData<string, GradientPath, string>();
        foreach (var kind in Probe.Kinds)
            foreach (var path in new[] { GradientPath.Dense, GradientPath.Sparse, GradientPath.DenseTensors, GradientPath.SparseTensors })
                foreach (var point in GradientComparison.Points) cases.Add(kind, path, point);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Step_HasTheGradientsOfAutograd(string kind, GradientPath path, string point) =>
        RequireClose(GradientComparison.Of(kind, path, point, ScalarType.Float32), 0.99999, 1e-4);

    [Theory]
    [MemberData(nameof(Cases))]
    public void StepInDoubles_HasTheGradientsOfAutograd(string kind, GradientPath path, string point) =>
        RequireClose(GradientComparison.Of(kind, path, point, ScalarType.Float64), 1 - 1e-12, 1e-9);

    [Theory]
    [InlineData("top-k")]
    [InlineData("batch-top-k")]
    [InlineData("matryoshka")]
    [InlineData("standard")]
    [InlineData("gated")]
    public void Step_OverSeveralBlocksOfFeatures_HasTheGradientsOfAutograd(string kind)
    {
        foreach (var path in new[] { GradientPath.Sparse, GradientPath.Dense })
            RequireClose(GradientComparison.Of(kind, path, "random", ScalarType.Float64, features: 2_300), 1 - 1e-12, 1e-9);
    }

    private static void RequireClose((IReadOnlyList<GradientComparison> Parameters, double LossError) found, double cosine, double error)
    {
        Assert.All(found.Parameters, parameter =>
        {
            Assert.True(parameter.RelativeError < error, $"{parameter}");
            Assert.True(parameter.Cosine > cosine, $"{parameter}");
        });
        Assert.True(found.LossError < 1e-4, $"loss {found.LossError}");
    }
}
