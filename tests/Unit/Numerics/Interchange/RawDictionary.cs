using Orchestrator.Numerics.Tensors;

namespace Orchestrator.Unit.Numerics.Interchange;

/// <summary>
/// The numbers of a dictionary as plain arrays, and what another tool computes with them, spelled out. Legend: D input,
/// O output, F features.
/// </summary>
internal sealed class RawDictionary
{
    public RawDictionary(int features, int input, int output, ulong seed, Func<int, double> rowNorm)
    {
        (Features, Input, Output) = (features, input, output);
        Encoder = Gaussian(seed, features * input, 1 / Math.Sqrt(input));
        Decoder = Gaussian(seed + 1, features * output, 1);
        for (var feature = 0; feature < features; feature++)
        {
            var row = Decoder.AsSpan(feature * output, output);
            var norm = Math.Sqrt(row.ToArray().Sum(value => (double)value * value));
            foreach (ref var value in row) value = (float)(value / norm * rowNorm(feature));
        }

        DecoderBias = Gaussian(seed + 2, output, 0.3);
        EncoderBias = Gaussian(seed + 3, features, 0.2);
        GateBias = Gaussian(seed + 4, features, 0.2);
        MagnitudeBias = Gaussian(seed + 5, features, 0.2);
        LogScale = Gaussian(seed + 6, features, 0.2);
        Thresholds = Array.ConvertAll(Gaussian(seed + 7, features, 0.3), Math.Abs);
        Skip = Gaussian(seed + 8, output * input, 0.2);
    }

    public int Features { get; }

    public int Input { get; }

    public int Output { get; }

    public float[] Encoder { get; }         // [F, D]

    public float[] Decoder { get; }         // [F, O]

    public float[] DecoderBias { get; }     // [O]

    public float[] EncoderBias { get; }     // [F]

    public float[] GateBias { get; }

    public float[] MagnitudeBias { get; }

    public float[] LogScale { get; }

    public float[] Thresholds { get; }

    public float[] Skip { get; }            // [O, D]

    /// <summary>Pre-activations without a bias, of one token.</summary>
    public double[] Dots(ReadOnlySpan<float> x, bool hasPreBias, double scale = 1)
    {
        var z = new double[Features];
        for (var feature = 0; feature < Features; feature++)
        {
            for (var i = 0; i < Input; i++)
                z[feature] += ((scale * x[i]) - (hasPreBias ? DecoderBias[i] : 0.0)) * Encoder[(feature * Input) + i];
        }

        return z;
    }

    public double RowNorm(int feature) => Math.Sqrt(Decoder.AsSpan(feature * Output, Output).ToArray().Sum(value => (double)value * value));

    public double[] Decode(double[] f)
    {
        var y = DecoderBias.Select(value => (double)value).ToArray();
        for (var feature = 0; feature < Features; feature++)
            for (var i = 0; i < Output; i++) y[i] += f[feature] * Decoder[(feature * Output) + i];
        return y;
    }

    public double[] WithSkip(double[] y, ReadOnlySpan<float> x)
    {
        for (var o = 0; o < Output; o++)
            for (var i = 0; i < Input; i++) y[o] += Skip[(o * Input) + i] * x[i];
        return y;
    }

    /// <summary>All but the k largest are 0; so are negative ones.</summary>
    public static double[] Largest(double[] values, int k)
    {
        var bound = values.OrderDescending().ElementAt(k - 1);
        return Array.ConvertAll(values, value => value >= bound ? Math.Max(0, value) : 0);
    }

    public static float[] Transposed(float[] matrix, int rows, int columns)
    {
        var result = new float[matrix.Length];
        for (var row = 0; row < rows; row++)
            for (var column = 0; column < columns; column++) result[(column * rows) + row] = matrix[(row * columns) + column];
        return result;
    }

    private static float[] Gaussian(ulong seed, int count, double deviation)
    {
        var values = new float[count];
        new SeededRandom(seed).FillGaussian(values, (float)deviation);
        return values;
    }
}
