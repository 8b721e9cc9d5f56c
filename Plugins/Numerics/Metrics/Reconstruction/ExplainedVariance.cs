using System.Runtime.Intrinsics;
using Orchestrator.Numerics.Dictionaries.Kernels;

namespace Orchestrator.Numerics.Metrics.Reconstruction;

/// <summary>
/// 1 − Σ_t ‖x_t − x̂_t‖² / Σ_t ‖x_t − mean(x)‖², both sums over all tokens and the mean over all tokens too: neither a
/// mean of batches nor a mean over dimensions. NaN where the activations do not vary, and so for one token.
/// </summary>
/// <remarks>
/// Means and deviations are followed token by token (Welford 1962): no mean of a batch comes in, and large constant
/// components, as residual streams have them, cost no digits.
/// </remarks>
/// <example>
/// x = (2, 0), (0, 4), (1, 2), whose mean is (1, 2), and x̂ = (2, 1), (0, 3), (1, 2): 1 − 2/10 = 0.8; x̂ = mean(x): 0.
/// </example>
/// <param name="dim">D.</param>
public sealed class ExplainedVariance(int dim) : IReconstructionMetric
{
    private const int ElementsPerPiece = 64;

    private readonly double[] _means = new double[dim];
    private readonly double[] _deviations = new double[dim];
    private long _tokens;
    private double _errors;

    /// <inheritdoc/>
    public double Value
    {
        get
        {
            double deviations = 0;
            foreach (var deviation in _deviations) deviations += deviation;
            return deviations > 0 ? 1 - (_errors / deviations) : double.NaN;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The vectors are of another length.</exception>
    public unsafe void Add(ReconstructedTokens tokens)
    {
        if (tokens.Dim != dim) throw new ArgumentException($"Vectors of {tokens.Dim} elements; expected {dim}.", nameof(tokens));
        foreach (var token in tokens.Moments) _errors += token.Error;
        fixed (float* first = tokens.X)
        {
            var (x, count) = ((nint)first, tokens.Count);
            WorkerTeam.Shared.Run(WorkerTeam.Pieces(dim, ElementsPerPiece), piece =>
            {
                var start = piece * ElementsPerPiece;
                Follow((float*)x + start, count, start, Math.Min(ElementsPerPiece, dim - start));
            });
        }

        _tokens += tokens.Count;
    }

    /// <summary>Some elements of all vectors: nobody else writes their means and deviations.</summary>
    private unsafe void Follow(float* x, int count, int start, int length)
    {
        fixed (double* allMeans = _means)
        fixed (double* allDeviations = _deviations)
        {
            double* means = allMeans + start, deviations = allDeviations + start;
            for (var token = 0; token < count; token++, x += dim)
            {
                var share = 1.0 / (_tokens + token + 1);
                var shares = Vector512.Create(share);
                var i = 0;
                for (; i <= length - WideLanes.Count; i += WideLanes.Count)
                {
                    var value = WideLanes.Load(x + i);
                    var before = value - Vector512.Load(means + i);
                    var mean = Lanes.MultiplyAdd(before, shares, Vector512.Load(means + i));
                    mean.Store(means + i);
                    Lanes.MultiplyAdd(before, value - mean, Vector512.Load(deviations + i)).Store(deviations + i);
                }

                for (; i < length; i++)
                {
                    var before = x[i] - means[i];
                    means[i] = double.FusedMultiplyAdd(before, share, means[i]);
                    deviations[i] = double.FusedMultiplyAdd(before, x[i] - means[i], deviations[i]);
                }
            }
        }
    }
}
