using Orchestrator.Numerics.Tensors;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Metrics;

/// <summary>
/// Per feature i: max over j ≠ i of cos(d_i, d_j), of decoder rows; and the mean over features, dead ones included
/// (SAEBench's <c>average_max_decoder_cosine_sim</c>). Near 1: features that are there twice. The sign counts: opposite
/// directions are not alike. A row of zeros has cosine 0 with every other.
/// </summary>
/// <example>Rows (1, 0), (0, 2), (1, 1): greatest cosines 1/√2, 1/√2, 1/√2.</example>
public static class DecoderCosines
{
    private const int RowsAtOnce = 1024;

    /// <param name="decoderWeight">[F, D].</param>
    /// <returns>[F]; NaN for the only feature.</returns>
    public static float[] Greatest(Tensor decoderWeight)
    {
        Shape.Require(decoderWeight, Shape.Any, Shape.Any);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var features = decoderWeight.shape[0];
        if (features == 1) return [float.NaN];
        var norms = decoderWeight.square().sum(dim: 1L, keepdim: true).sqrt_();
        var rows = decoderWeight / norms.where(norms > 0, ones_like(norms));                  // [F, D]
        var greatest = full([features], float.NegativeInfinity, device: decoderWeight.device);
        for (long start = 0; start < features; start += RowsAtOnce)
        {
            // Cosines are symmetric: a tile on or right of the diagonal serves its rows and its columns.
            for (var other = start; other < features; other += RowsAtOnce)
            {
                using var tile = NewDisposeScope();
                var (count, others) = (Math.Min(RowsAtOnce, features - start), Math.Min(RowsAtOnce, features - other));
                var cosines = rows.narrow(0, start, count).mm(rows.narrow(0, other, others).t());
                if (start == other) cosines.diagonal().fill_(float.NegativeInfinity);
                Raise(greatest.narrow(0, start, count), cosines.amax([1]));
                Raise(greatest.narrow(0, other, others), cosines.amax([0]));
            }
        }

        return HostMemory.ToSingles(greatest);
    }

    /// <summary>NaN of fewer than two features.</summary>
    /// <param name="greatest">As <see cref="Greatest"/> gives them, [F].</param>
    public static double Mean(ReadOnlySpan<float> greatest)
    {
        double sum = 0;
        foreach (var cosine in greatest) sum += cosine;
        return sum / greatest.Length;
    }

    private static void Raise(Tensor greatest, Tensor cosines) => greatest.copy_(maximum(greatest, cosines));
}
