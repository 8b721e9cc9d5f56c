namespace Orchestrator.Numerics.Metrics.Predictions;

/// <summary>
/// (L_zero − L_spliced) / (L_zero − L_original), each L a sum of next-token negative log-likelihoods over all predicted
/// tokens: a ratio of sums, never a mean of ratios. Zero ablation, not mean ablation (paper, "Metrics"). Tokens are added
/// one by one in float64, so that the bits depend on their order and on no cut into batches.
/// </summary>
/// <remarks>NaN before the first token, and after a loss that is NaN. Where zeros cost nothing, a ratio of two noises.</remarks>
/// <example>Original 1, 2, 3, zero 4, 4, 4, spliced 1, 3, 3: (12 − 7) / (12 − 6) = 5/6.</example>
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

    /// <summary>Losses of the same tokens, nats.</summary>
    /// <param name="original">[N].</param>
    /// <param name="zero">[N].</param>
    /// <param name="spliced">[N].</param>
    /// <exception cref="ArgumentException">They are not of the same tokens.</exception>
    public void Add(ReadOnlySpan<float> original, ReadOnlySpan<float> zero, ReadOnlySpan<float> spliced)
    {
        if (original.Length != zero.Length || original.Length != spliced.Length)
            throw new ArgumentException($"{original.Length} original, {zero.Length} zero and {spliced.Length} spliced losses.", nameof(spliced));
        for (var token = 0; token < original.Length; token++)
        {
            _original += original[token];
            _zero += zero[token];
            _spliced += spliced[token];
        }

        _tokens += original.Length;
    }
}
