using Orchestrator.Numerics.Dictionaries.Kernels;

namespace Orchestrator.Numerics.Metrics.Reconstruction;

/// <summary>
/// Tokens of a stream with what a dictionary makes of them: x is what it is to reconstruct (its input or, of a transcoder,
/// its target). Whatever several metrics need of a token is computed once, here.
/// </summary>
public readonly ref struct ReconstructedTokens
{
    private const int TokensPerPiece = 64;

    /// <param name="x">Activations, [N, D] row-major.</param>
    /// <param name="xHat">Reconstructions, [N, D] row-major.</param>
    /// <param name="dim">D.</param>
    /// <exception cref="ArgumentException">They differ in length, or are not whole vectors.</exception>
    public ReconstructedTokens(ReadOnlySpan<float> x, ReadOnlySpan<float> xHat, int dim)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dim);
        if (x.Length != xHat.Length || x.Length % dim != 0)
            throw new ArgumentException($"{x.Length} elements and {xHat.Length} reconstructed ones of vectors of {dim}.", nameof(xHat));
        X = x;
        Dim = dim;
        Moments = MomentsOf(x, xHat, dim);
    }

    /// <summary>[N, D].</summary>
    public ReadOnlySpan<float> X { get; }

    /// <summary>D.</summary>
    public int Dim { get; }

    /// <summary>N.</summary>
    public int Count => Moments.Length;

    /// <summary>Of each token, in their order, [N].</summary>
    public ReadOnlySpan<TokenMoments> Moments { get; }

    private static unsafe TokenMoments[] MomentsOf(ReadOnlySpan<float> x, ReadOnlySpan<float> xHat, int dim)
    {
        var moments = new TokenMoments[x.Length / dim];
        fixed (float* truth = x)
        fixed (float* reconstruction = xHat)
        {
            var (from, to) = ((nint)truth, (nint)reconstruction);
            WorkerTeam.Shared.Run(WorkerTeam.Pieces(moments.Length, TokensPerPiece), piece =>
            {
                var end = Math.Min(moments.Length, (piece + 1) * TokensPerPiece);
                for (var token = piece * TokensPerPiece; token < end; token++)
                {
                    var start = (nint)token * dim;
                    moments[token] = TokenMoments.Of((float*)from + start, (float*)to + start, dim);
                }
            });
        }

        return moments;
    }
}
