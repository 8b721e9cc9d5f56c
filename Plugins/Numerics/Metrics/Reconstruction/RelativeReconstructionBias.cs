namespace Orchestrator.Numerics.Metrics.Reconstruction;

/// <summary>
/// Σ_t ‖x̂_t‖² / Σ_t x_t · x̂_t: the number that reconstructions had best be divided by; 1 where they are unbiased, below 1
/// where they shrink (Rajamanoharan et al. 2024a, equation 10). Ratio of sums over all tokens, where SAEBench and
/// dictionary_learning take the mean of the ratios of batches. A silent dictionary without bias has none: NaN.
/// </summary>
/// <example>x = (2, 0), (0, 4), (1, 2) and x̂ = (2, 1), (0, 3), (1, 2): (5 + 9 + 5) / (4 + 12 + 5) = 19/21.</example>
public sealed class RelativeReconstructionBias : IReconstructionMetric
{
    private double _squares;
    private double _products;

    /// <inheritdoc/>
    public double Value => _squares / _products;

    /// <inheritdoc/>
    public void Add(ReconstructedTokens tokens)
    {
        foreach (var token in tokens.Moments)
        {
            _squares += token.Reconstruction;
            _products += token.Product;
        }
    }
}
