using Orchestrator.Numerics.Metrics;
using Orchestrator.Numerics.Tensors;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Metrics;

public sealed class DecoderCosinesTests
{
    [Fact]
    public void Greatest_OfTheExample()
    {
        var greatest = Greatest([1, 0, 0, 2, 1, 1], 3);
        Assert.All(greatest, cosine => Assert.Equal(Math.Sqrt(0.5), cosine, 1e-6));
        Assert.Equal(Math.Sqrt(0.5), DecoderCosines.Mean(greatest), 1e-6);
    }

    [Fact]
    public void Greatest_TakesTheSignAndZeroRowsForWhatTheyAre() => Assert.Equal([0f, 0f, 0f], Greatest([1, 0, -3, 0, 0, 0], 3));

    [Fact]
    public void Greatest_OfTheOnlyFeature_IsNoNumber()
    {
        Assert.Equal([float.NaN], Greatest([1, 0], 1));
        Assert.Equal(double.NaN, DecoderCosines.Mean([float.NaN]));
    }

    /// <summary>More features than one tile has, so that tiles off the diagonal serve both sides.</summary>
    [Theory]
    [InlineData(1_024)]
    [InlineData(2_500)]
    public void Greatest_OfManyFeatures_IsThatOfThePlainProduct(int features)
    {
        using var scope = NewDisposeScope();
        var values = new float[features * 5];
        new SeededRandom(9).FillGaussian(values, 2);
        var rows = HostMemory.ToTensor(values, [features, 5], CPU);
        var unit = rows / rows.square().sum(dim: 1L, keepdim: true).sqrt();
        var expected = HostMemory.ToSingles((unit.mm(unit.t()) - (3 * eye(features))).amax([1]));
        var found = DecoderCosines.Greatest(rows);
        for (var feature = 0; feature < features; feature++) Assert.Equal(expected[feature], found[feature], 1e-5);
    }

    private static float[] Greatest(float[] values, int features)
    {
        using var rows = HostMemory.ToTensor(values, [features, values.Length / features], CPU);
        return DecoderCosines.Greatest(rows);
    }
}
