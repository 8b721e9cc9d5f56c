namespace Orchestrator.Numerics.Metrics;

/// <summary>
/// 1 − Σ_t ‖x_t − x̂_t‖² / Σ_t ‖x_t − mean(x)‖², both sums over all tokens and the mean over all tokens too: neither a
/// mean of batches nor a mean over dimensions. Vectors are taken one by one (Welford), so that no cut into batches
/// changes a bit.
/// </summary>
/// <example>x = (2, 0), (0, 4) and x̂ = (2, 1), (0, 3): 1 − 2 / 10 = 0.8; x̂ = mean(x): 0.</example>
/// <param name="dim">D.</param>
public sealed class ExplainedVariance(int dim)
{
    private readonly double[] _means = new double[dim];
    private long _tokens;
    private double _deviations;
    private double _errors;

    /// <summary>NaN where the activations do not vary.</summary>
    public double Value => _deviations > 0 ? 1 - (_errors / _deviations) : double.NaN;

    /// <param name="x">Activations, [N, D] row-major.</param>
    /// <param name="xHat">Reconstructions, [N, D] row-major.</param>
    /// <exception cref="ArgumentException">They differ in length, or are not whole vectors.</exception>
    public void Add(ReadOnlySpan<float> x, ReadOnlySpan<float> xHat)
    {
        if (x.Length != xHat.Length || x.Length % dim != 0)
            throw new ArgumentException($"{x.Length} elements and {xHat.Length} reconstructed ones of vectors of {dim}.", nameof(xHat));
        for (var start = 0; start < x.Length; start += dim) AddVector(x.Slice(start, dim), xHat.Slice(start, dim));
    }

    private void AddVector(ReadOnlySpan<float> x, ReadOnlySpan<float> xHat)
    {
        var share = 1.0 / ++_tokens;
        for (var i = 0; i < x.Length; i++)
        {
            double error = x[i] - xHat[i];
            _errors += error * error;
            var before = x[i] - _means[i];
            _means[i] += before * share;
            _deviations += before * (x[i] - _means[i]);
        }
    }
}
