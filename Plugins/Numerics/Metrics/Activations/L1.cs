using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Numerics.Metrics.Activations;

/// <summary>
/// Mean over tokens of the sum of activations: (1/N) Σ_t Σ_i f_i(t), the paper's penalty without λ ("Autoencoder"). Pairs
/// are added one by one in float64, so that the bits depend on the order of tokens and on no cut into batches.
/// </summary>
/// <example>Three tokens with activations 2; 1, ½ and ½; none: L1 = 4/3.</example>
public sealed class L1
{
    private long _tokens;
    private double _sum;

    /// <summary>NaN before the first token, and after an activation that is NaN.</summary>
    public double Value => _sum / _tokens;

    /// <summary>Adds the next tokens.</summary>
    public void Add(SparseActivations activations)
    {
        foreach (var value in activations.Values) _sum += value;
        _tokens += activations.TokenCount;
    }
}
