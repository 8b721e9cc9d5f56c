namespace Orchestrator.Numerics.Metrics;

/// <summary>
/// (L_zero − L_spliced) / (L_zero − L_original), each L a sum of next-token negative log-likelihoods over all tokens: a
/// ratio of sums, never a mean of ratios. Zero ablation, not mean ablation (paper, "Metrics").
/// </summary>
/// <example>Original 4.6936, zero 13.0766, spliced 4.7141: 0.99755.</example>
public sealed class LossRecovered
{
    private double _original;
    private double _zero;
    private double _spliced;
    private long _tokens;

    public double Value => (_zero - _spliced) / (_zero - _original);

    /// <summary>Mean loss of the untouched model, nats.</summary>
    public double Original => _original / _tokens;

    /// <summary>Mean loss with zeros at the hook point, nats.</summary>
    public double Zero => _zero / _tokens;

    /// <summary>Mean loss with the reconstruction at the hook point, nats.</summary>
    public double Spliced => _spliced / _tokens;

    /// <summary>Sums over the same tokens, nats.</summary>
    /// <param name="predicted">Tokens they are sums over.</param>
    public void Add(double original, double zero, double spliced, long predicted)
    {
        _original += original;
        _zero += zero;
        _spliced += spliced;
        _tokens += predicted;
    }
}
