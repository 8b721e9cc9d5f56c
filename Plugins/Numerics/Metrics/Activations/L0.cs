using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Numerics.Metrics.Activations;

/// <summary>Mean number of active features per token: (1/N) Σ_t #{i : f_i(t) &gt; 0} (paper, "Metrics").</summary>
/// <example>Three tokens with 1, 3 and 0 active features: L0 = 4/3.</example>
public sealed class L0
{
    private long _tokens;
    private long _pairs;

    /// <summary>NaN before the first token.</summary>
    public double Value => (double)_pairs / _tokens;

    /// <summary>Adds the next tokens.</summary>
    public void Add(SparseActivations activations)
    {
        _tokens += activations.TokenCount;
        _pairs += activations.Features.Length;
    }
}
