namespace Orchestrator.Numerics.Metrics;

/// <summary>Mean over elements and tokens of (x − x̂)²: (1/(N D)) Σ_t Σ_i (x_ti − x̂_ti)².</summary>
/// <example>x = (1, 2), x̂ = (1, 4): (0 + 4) / 2 = 2.</example>
public sealed class MeanSquaredError
{
    private double _squares;
    private long _elements;

    public double Value => _squares / _elements;

    /// <param name="x">Activations, any number of whole vectors.</param>
    /// <param name="xHat">Their reconstructions.</param>
    /// <exception cref="ArgumentException">They differ in length.</exception>
    public void Add(ReadOnlySpan<float> x, ReadOnlySpan<float> xHat)
    {
        if (x.Length != xHat.Length) throw new ArgumentException($"{x.Length} elements and {xHat.Length} reconstructed ones.", nameof(xHat));
        for (var i = 0; i < x.Length; i++)
        {
            double error = x[i] - xHat[i];
            _squares += error * error;
        }

        _elements += x.Length;
    }
}
