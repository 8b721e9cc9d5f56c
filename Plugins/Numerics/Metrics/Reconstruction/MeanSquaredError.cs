namespace Orchestrator.Numerics.Metrics.Reconstruction;

/// <summary>
/// Mean over elements and tokens of (x − x̂)²: (1/(N D)) Σ_t ‖x_t − x̂_t‖² (paper, "Metrics"). Others sum over elements: D
/// times as much.
/// </summary>
/// <example>x = (2, 0), (0, 4), (1, 2) and x̂ = (2, 1), (0, 3), (1, 2): (1 + 1 + 0) / 6 = 1/3.</example>
public sealed class MeanSquaredError : IReconstructionMetric
{
    private double _squares;
    private long _elements;

    /// <inheritdoc/>
    public double Value => _squares / _elements;

    /// <inheritdoc/>
    public void Add(ReconstructedTokens tokens)
    {
        foreach (var token in tokens.Moments) _squares += token.Error;
        _elements += (long)tokens.Count * tokens.Dim;
    }
}
