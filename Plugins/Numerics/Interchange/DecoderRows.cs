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
        var (least, most) = (norms.min().item<double>(), norms.max().item<double>());
        if (least >= 1 - Tolerance && most <= 1 + Tolerance) return (weights, true);
        var areEqual = most - least <= Tolerance * most;
        if (definition.K is not null && !weights.RescalesByNorms && !areEqual) return (weights, false);
        Fold(weights, norms);
        return (weights with { Threshold = weights.Threshold * norms[0].item<double>() }, true);
    }

    private static void Fold(ForeignWeights weights, Tensor norms)
    {
        MultiplyRows(weights.Encoder.Value, norms);
        MultiplyRows(weights.Decoder.Value, norms.reciprocal());
        foreach (var (name, vector) in weights.Vectors)
        {
            if (ForeignWeights.Scales(name)) vector.copy_(vector.to(ScalarType.Float64) * norms);
        }
    }

    /// <summary>Those of the rows, 1 where a row is 0: it has no direction.</summary>
    private static Tensor Norms(Tensor decoder)
    {
        var norms = empty(decoder.shape[0], ScalarType.Float64);
        InBlocks(decoder, (rows, first) => norms.narrow(0, first, rows.shape[0]).copy_(rows.to(ScalarType.Float64).square().sum(dim: 1L).sqrt()));
        return where(norms > 0, norms, ones_like(norms));
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
