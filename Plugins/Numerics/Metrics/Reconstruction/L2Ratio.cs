namespace Orchestrator.Numerics.Metrics.Reconstruction;

/// <summary>
/// Mean over tokens of ‖x̂‖ / ‖x‖: below 1 where reconstructions shrink. As in SAELens' evaluations (<c>l2_ratio</c>), a
/// vector shorter than 10⁻⁴ is divided by 1 instead of its length.
/// </summary>
/// <example>x = (2, 0), (0, 4), (1, 2) and x̂ = (2, 1), (0, 3), (1, 2): (√5/2 + 3/4 + 1) / 3 = 0.9560.</example>
public sealed class L2Ratio : IReconstructionMetric
{
    private const double ShortestDivisor = 1e-4;

    private double _ratios;
    private long _tokens;

    /// <inheritdoc/>
    public double Value => _ratios / _tokens;

    /// <inheritdoc/>
    public void Add(ReconstructedTokens tokens)
    {
        foreach (var token in tokens.Moments)
        {
            var length = Math.Sqrt(token.Truth);
            _ratios += Math.Sqrt(token.Reconstruction) / (length < ShortestDivisor ? 1 : length);
        }

        _tokens += tokens.Count;
    }
}
