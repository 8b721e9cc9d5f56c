using Orchestrator.Abstractions.Stages;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Interchange;

/// <summary>
/// Brings the rows of a decoder to unit norm: f n · (w / n) = f · w, where everything in units of pre-activations is
/// multiplied by n. Exact but for rounding wherever a feature is active or not by itself. Where ranks decide, it is so
/// only if all norms are equal, or if the tool ranks what is scaled.
/// </summary>
internal static class DecoderRows
{
    /// <summary>What a normalised row of float32 is off by at most; nothing is touched below.</summary>
    public const double Tolerance = 1e-5;

    private const int RowsAtOnce = 4096;

    /// <summary>Changes the tensors in place.</summary>
    /// <param name="definition">What decides which features are active.</param>
    /// <returns>The weights, and whether their rows are of unit norm (or 0) now.</returns>
    public static (ForeignWeights Weights, bool AreUnit) Normalise(ForeignWeights weights, DictionaryDefinition definition)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var norms = Norms(weights.Decoder.Value);                                      // [F]
        var divisors = where(norms > 0, norms, ones_like(norms));                     // a row of 0 has no direction
        var (least, most) = (divisors.min().item<double>(), divisors.max().item<double>());
        var factors = weights.RescalesByNorms ? norms : divisors;                     // what is multiplied by 0 is never active
        if (least >= 1 - Tolerance && most <= 1 + Tolerance && factors.min().item<double>() > 0) return (weights, true);
        var areEqual = most - least <= Tolerance * most;
        if (definition.K is not null && !weights.RescalesByNorms && !areEqual) return (weights, false);
        Fold(weights, factors, divisors);
        return (weights with { Threshold = weights.Threshold * most }, true);
    }

    private static void Fold(ForeignWeights weights, Tensor factors, Tensor divisors)
    {
        MultiplyRows(weights.Encoder.Value, factors);
        MultiplyRows(weights.Decoder.Value, divisors.reciprocal());
        foreach (var (name, vector) in weights.Vectors)
        {
            if (ForeignWeights.Scales(name)) vector.copy_(vector.to(ScalarType.Float64) * factors);
        }
    }

    private static Tensor Norms(Tensor decoder)
    {
        var norms = empty(decoder.shape[0], ScalarType.Float64);
        InBlocks(decoder, (rows, first) => norms.narrow(0, first, rows.shape[0]).copy_(rows.to(ScalarType.Float64).square().sum(dim: 1L).sqrt()));
        return norms;
    }

    /// <summary>In double precision, rounded once.</summary>
    private static void MultiplyRows(Tensor matrix, Tensor by) => InBlocks(
        matrix, (rows, first) => rows.copy_(rows.to(ScalarType.Float64) * by.narrow(0, first, rows.shape[0]).unsqueeze(1)));

    private static void InBlocks(Tensor matrix, Action<Tensor, long> visit)
    {
        for (long first = 0; first < matrix.shape[0]; first += RowsAtOnce)
        {
            using var scope = NewDisposeScope();
            visit(matrix.narrow(0, first, Math.Min(RowsAtOnce, matrix.shape[0] - first)), first);
        }
    }
}
