using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Tensors;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Interchange;

/// <summary>What a dictionary makes of some inputs.</summary>
internal sealed record Computed(float[] X, float[] Activations, float[] Reconstructions, int Tokens)
{
    /// <summary>Of standard normal inputs.</summary>
    public static Computed Of(SparseDictionary dictionary, int tokens = 40)
    {
        using var scope = NewDisposeScope();
        var x = Dictionaries.Probe.Gaussian(77, tokens, dictionary.ActivationDim);
        return Of(dictionary, x);
    }

    public static Computed Of(SparseDictionary dictionary, Tensor x)
    {
        using var scope = NewDisposeScope();
        var f = dictionary.EncodeSparse(x);
        var dense = new float[f.TokenCount * f.FeatureCount];
        for (var token = 0; token < f.TokenCount; token++)
        {
            var features = f.FeaturesOf(token);
            var values = f.ValuesOf(token);
            for (var pair = 0; pair < features.Length; pair++) dense[(token * f.FeatureCount) + features[pair]] = values[pair];
        }

        return new Computed(HostMemory.ToSingles(x), dense, HostMemory.ToSingles(dictionary.Reconstruct(x, f)), f.TokenCount);
    }

    /// <summary>Compares token by token with what is expected.</summary>
    /// <param name="forward">From an input to activations and reconstruction.</param>
    /// <param name="error">Relative to the largest value of the token.</param>
    public void RequireClose(Func<float[], (double[] F, double[] Y)> forward, double error = 1e-6)
    {
        var (width, features, output) = (X.Length / Tokens, Activations.Length / Tokens, Reconstructions.Length / Tokens);
        var active = 0;
        for (var token = 0; token < Tokens; token++)
        {
            var (f, y) = forward(X[(token * width)..((token + 1) * width)]);
            active += f.Count(value => value > 0);
            Close(f, Activations.AsSpan(token * features, features), error, $"activations of token {token}");
            Close(y, Reconstructions.AsSpan(token * output, output), error, $"reconstruction of token {token}");
        }

        Assert.InRange(active, Tokens, (Tokens * features) - 1);   // something is active, and something is not
    }

    private static void Close(double[] expected, ReadOnlySpan<float> actual, double error, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        var size = expected.Max(Math.Abs);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= error * size, $"{what}, element {i}: expected {expected[i]:R}, found {actual[i]:R}, largest {size:R}");
    }
}
