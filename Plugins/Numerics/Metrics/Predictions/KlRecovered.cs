namespace Orchestrator.Numerics.Metrics.Predictions;

/// <summary>
/// How far replaced activations move the predictions: the mean over predicted tokens of KL(original ‖ spliced) in nats,
/// and what share of KL(original ‖ zero) that saves, 1 − Σ KL_spliced / Σ KL_zero (SAEBench's <c>kl_div_score</c>). Unlike
/// a loss it cannot be regained by predictions that are wrong otherwise. Tokens are added one by one in float64, so that
/// the bits depend on their order and on no cut into batches.
/// </summary>
/// <remarks>NaN before the first token, after a divergence that is NaN, and where zeros do not move the predictions.</remarks>
/// <example>Spliced 0.1, 0.2, 0.3 and zero 1, 2, 3: 0.2 and 2 nats; 1 − 0.6/6 = 0.9 recovered.</example>
public sealed class KlRecovered
{
    private double _spliced;
    private double _zero;
    private long _tokens;

    public double Value => _zero > 0 ? 1 - (_spliced / _zero) : double.NaN;

    /// <summary>Mean KL(original ‖ reconstruction at the hook point), nats.</summary>
    public double Spliced => _spliced / _tokens;

    /// <summary>Mean KL(original ‖ zeros at the hook point), nats.</summary>
    public double Zero => _zero / _tokens;

    /// <summary>Divergences of the predictions at the same tokens, nats.</summary>
    /// <param name="spliced">[N].</param>
    /// <param name="zero">[N].</param>
    /// <exception cref="ArgumentException">They are not of the same tokens.</exception>
    public void Add(ReadOnlySpan<float> spliced, ReadOnlySpan<float> zero)
    {
        if (spliced.Length != zero.Length)
            throw new ArgumentException($"{spliced.Length} spliced and {zero.Length} zero divergences.", nameof(zero));
        for (var token = 0; token < spliced.Length; token++)
        {
            _spliced += spliced[token];
            _zero += zero[token];
        }

        _tokens += spliced.Length;
    }
}
