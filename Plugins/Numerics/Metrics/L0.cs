using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Numerics.Metrics;

/// <summary>Mean number of active features per token: (1/N) Σ_t #{i : f_i(t) &gt; 0} (paper, "Metrics").</summary>
/// <example>Tokens with 1, 3 and 0 active features: L0 = 4/3.</example>
public sealed class L0
{
    private long _tokens;
    private long _pairs;

    public double Value => (double)_pairs / _tokens;

    public void Add(SparseActivations activations)
    {
        _tokens += activations.TokenCount;
        _pairs += activations.Features.Length;
    }
}
