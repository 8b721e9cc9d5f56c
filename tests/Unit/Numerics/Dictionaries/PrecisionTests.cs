using Orchestrator.Abstractions.Stages;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Dictionaries;

/// <summary>
/// What a lower precision of the encoder's product costs. Bounds are wide; what was measured is written at
/// <see cref="MatrixPrecision"/>. tf32 needs a GPU and is emulated by rounding its factors; nothing here ran on one.
/// </summary>
public sealed class PrecisionTests
{
    [Theory]
    [InlineData(1f, 1f)]
    [InlineData(1.00048828125f, 1f)] // 1 + 2⁻¹¹: half of the last place, to the even neighbour
    [InlineData(1.00146484375f, 1.001953125f)] // 1 + 3 · 2⁻¹¹
    [InlineData(1.0005f, 1.0009765625f)]
    [InlineData(-1.0005f, -1.0009765625f)]
    [InlineData(1.9999f, 2f)]
    [InlineData(0f, 0f)]
    public void RoundToTensorFloat32_KeepsTenBits(float value, float expected)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected, PrecisionComparison.RoundToTensorFloat32(tensor(new[] { value })).item<float>());
    }

    /// <summary>That the emulation gives the same error says that it may stand for a precision that is not at hand.</summary>
    [Theory]
    [InlineData("standard")]
    [InlineData("batch-top-k")]
    public void BFloat16_ChangesGradientsLittle_AsRoundingDoes(string architecture)
    {
        static Tensor Round(Tensor values) => values.to(ScalarType.BFloat16).to(values.dtype);

        var (parameters, found, expected) = PrecisionComparison.OfTrainers(architecture, MatrixPrecision.BFloat16);
        var emulated = PrecisionComparison.OfRounding(architecture, Round, Round);
        Tell($"{architecture}, bfloat16: loss {found.Loss:R} ({expected.Loss:R} in float32), L0 {found.L0:R} ({expected.L0:R})", parameters);

        Assert.InRange(expected.L0, 25, 40);
        Assert.InRange(found.L0 / expected.L0, 0.95, 1.05);
        Assert.InRange(found.Loss / expected.Loss, 0.99, 1.01);
        Assert.All(parameters, parameter => Assert.InRange(parameter.RelativeError, 1e-3, 0.2));
        Assert.All(parameters, parameter => Assert.InRange(parameter.Cosine, 0.98, 1));
        Assert.All(parameters.Zip(emulated), pair => Assert.InRange(pair.First.RelativeError / pair.Second.RelativeError, 0.8, 1.25));
    }

    [Theory]
    [InlineData("standard")]
    [InlineData("batch-top-k")]
    public void TensorFloat32_Emulated_ChangesGradientsLess(string architecture)
    {
        var parameters = PrecisionComparison.OfRounding(architecture, PrecisionComparison.RoundToTensorFloat32);
        Tell($"{architecture}, tf32 emulated", parameters);

        Assert.All(parameters, parameter => Assert.InRange(parameter.RelativeError, 1e-6, 0.05));
        Assert.All(parameters, parameter => Assert.InRange(parameter.Cosine, 0.998, 1));
    }

    [Theory]
    [InlineData("standard")]
    [InlineData("batch-top-k")]
    public void BFloat16_RecoversThePlantedDictionary(string architecture)
    {
        var (cosine, found) = PlantedDictionary.Recover(architecture, MatrixPrecision.BFloat16);
        var (expectedCosine, expected) = PlantedDictionary.Recover(architecture);
        Tell($"{architecture}, bfloat16: mean max cosine {cosine:F6} ({expectedCosine:F6} in float32), {found} ({expected})", []);

        Assert.InRange(cosine, expectedCosine - 0.01, 1);
        Assert.InRange(found.Loss / expected.Loss, 0.95, 1.05);
        Assert.InRange(found.L0 / expected.L0, 0.95, 1.05);
        Assert.NotEqual(expected.Loss, found.Loss);
    }

    private static void Tell(string what, IReadOnlyList<GradientComparison> parameters)
    {
        foreach (var line in parameters.Select(p => $"{p.Parameter}: cosine {p.Cosine:F7}, relative error {p.RelativeError:E2}").Prepend(what))
            TestContext.Current.TestOutputHelper!.WriteLine(line);
    }
}
