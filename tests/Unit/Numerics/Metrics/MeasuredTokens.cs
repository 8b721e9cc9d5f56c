using Orchestrator.Abstractions.Analyses;
using Orchestrator.Numerics.Metrics.Activations;
using Orchestrator.Numerics.Metrics.Reconstruction;
using Orchestrator.Numerics.Tensors;

namespace Orchestrator.Unit.Numerics.Metrics;

/// <summary>Tokens with all that any metric reads of them. Widths have remainders by every width of a register.</summary>
public sealed class MeasuredTokens
{
    public const int Dim = 85;
    public const int Features = 131;
    public const int Vocabulary = 23;

    private readonly Row[] _rows;

    private MeasuredTokens(Row[] rows) => _rows = rows;

    public int Count => _rows.Length;

    /// <summary>Token by token: activation vectors.</summary>
    public double[][] X => Array.ConvertAll(_rows, row => Array.ConvertAll(row.X, value => (double)value));

    /// <summary>Token by token: their reconstructions.</summary>
    public double[][] XHat => Array.ConvertAll(_rows, row => Array.ConvertAll(row.XHat, value => (double)value));

    /// <summary>Token by token: activations of all features, 0 where they are silent.</summary>
    public double[][] F => Array.ConvertAll(_rows, row => Array.ConvertAll(row.F, value => (double)value));

    public int[] Ids => Array.ConvertAll(_rows, row => row.Id);

    public float[] OriginalLosses => Column(0);

    public float[] ZeroLosses => Column(1);

    public float[] SplicedLosses => Column(2);

    public float[] ZeroDivergences => Column(3);

    public float[] SplicedDivergences => Column(4);

    /// <summary>Equal seeds, equal tokens. Vectors lie around a constant one a hundred times as long as they vary.</summary>
    public static MeasuredTokens Random(ulong seed, int count)
    {
        var random = new SeededRandom(seed);
        return new MeasuredTokens([.. Enumerable.Range(0, count).Select(_ => Draw(random))]);
    }

    /// <summary>The next tokens of the stream.</summary>
    public MeasuredTokens Slice(int start, int count) => new(_rows[start..(start + count)]);

    /// <summary>The same tokens in another order.</summary>
    public MeasuredTokens Shuffled(ulong seed)
    {
        var rows = (Row[])_rows.Clone();
        new SeededRandom(seed).Shuffle(rows.AsSpan());
        return new MeasuredTokens(rows);
    }

    /// <summary>The same tokens, but that a number of everything of one token is another value.</summary>
    public MeasuredTokens With(int token, float value)
    {
        var rows = (Row[])_rows.Clone();
        var (x, f, predictions) = ((float[])rows[token].X.Clone(), (float[])rows[token].F.Clone(), (float[])rows[token].Predictions.Clone());
        x[Dim - 1] = value;
        f[Features - 1] = value;
        Array.Fill(predictions, value);
        rows[token] = rows[token] with { X = x, F = f, Predictions = predictions };
        return new MeasuredTokens(rows);
    }

    public ReconstructedTokens Reconstructed() =>
        new(_rows.SelectMany(row => row.X).ToArray(), _rows.SelectMany(row => row.XHat).ToArray(), Dim);

    public SparseActivations Sparse()
    {
        var active = Array.ConvertAll(_rows, row => Enumerable.Range(0, Features).Where(i => row.F[i] != 0).ToArray());
        var offsets = new int[Count + 1];
        for (var token = 0; token < Count; token++) offsets[token + 1] = offsets[token] + active[token].Length;
        return new SparseActivations(
            Count, Features, offsets, [.. active.SelectMany(features => features)], [.. _rows.Zip(active).SelectMany(pair => pair.Second.Select(i => pair.First.F[i]))]);
    }

    public ActivationsByFeature ByFeature() => new(Sparse(), Ids);

    private float[] Column(int column) => Array.ConvertAll(_rows, row => row.Predictions[column]);

    private static Row Draw(SeededRandom random)
    {
        var (x, xHat, f) = (new float[Dim], new float[Dim], new float[Features]);
        for (var i = 0; i < Dim; i++)
        {
            x[i] = (float)((100 * (i % 7)) + random.NextGaussian());
            xHat[i] = (float)(x[i] + (0.5 * random.NextGaussian()));
        }

        // Feature 0 never fires, 1 nearly always, the others ever more rarely.
        for (var i = 1; i < Features; i++) f[i] = random.NextDouble() < 1.0 / i ? (float)(1 - random.NextDouble()) : 0;
        float[] predictions = [.. Enumerable.Range(0, 5).Select(i => (float)((1 + i) * random.NextDouble()))];
        return new Row(x, xHat, f, random.NextInt(Vocabulary), predictions);
    }

    private sealed record Row(float[] X, float[] XHat, float[] F, int Id, float[] Predictions);
}
