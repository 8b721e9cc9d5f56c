using static TorchSharp.torch;

namespace Orchestrator.Numerics.Interchange;

/// <summary>
/// Where a dictionary has as many features as its activations have elements, a transposed weight has the right shape. It
/// still shows: in a decoder whose columns are of one norm while its rows are not, and in an encoder whose columns point
/// along the features' directions while its rows do not.
/// </summary>
internal static class SquareWeights
{
    /// <summary>Norms that are equal up to half-precision rounding.</summary>
    private const double EqualNorms = 0.02;

    /// <summary>Norms that differ by more than any normalised decoder's.</summary>
    private const double UnequalNorms = 0.1;

    /// <summary>Mean cosine of a trained encoder with its decoder is far above, that of unrelated directions far below.</summary>
    private const double Aligned = 0.3;

    /// <param name="hasTarget">Whether encoder and decoder live in different spaces.</param>
    /// <exception cref="InvalidDataException">A weight is transposed.</exception>
    public static void Require(ForeignWeights weights, bool hasTarget)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var decoder = weights.Decoder.Value;
        if (decoder.shape[0] == decoder.shape[1] && Spread(decoder, 1) > UnequalNorms && Spread(decoder, 0) < EqualNorms)
            throw new InvalidDataException($"{weights.Path}: tensor '{weights.Decoder.Name}' is square and appears to be transposed: its vectors are of one norm along the axis of features, not along that of activations.");
        var encoder = weights.Encoder.Value;
        if (hasTarget || encoder.shape[0] != encoder.shape[1]) return;
        var (along, across) = (Alignment(encoder, decoder), Alignment(encoder.t(), decoder));
        if (across > Aligned && across > 3 * Math.Abs(along))
        {
            throw new InvalidDataException(FormattableString.Invariant(
                $"{weights.Path}: tensors '{weights.Encoder.Name}' and '{weights.Decoder.Name}' are square and one of them appears to be transposed: their mean cosine is {along:0.00}, with one transposed {across:0.00}."));
        }
    }

    /// <summary>(largest − smallest) / largest norm.</summary>
    private static double Spread(Tensor matrix, int axis)
    {
        var norms = matrix.norm(axis, keepdim: false);
        var (least, most) = (norms.min().item<float>(), norms.max().item<float>());
        return most > 0 ? (most - least) / most : 0;
    }

    private static double Alignment(Tensor encoder, Tensor decoder)
    {
        var cosines = (encoder * decoder).sum(dim: 1L) / (encoder.norm(1, keepdim: false) * decoder.norm(1, keepdim: false)).clamp_min(1e-30);
        return cosines.mean().item<float>();
    }
}
