namespace Orchestrator.Numerics.Metrics.Activations;

/// <summary>
/// Per feature: the greatest activation, and the mean over the tokens on which it fires; 0 for a dead feature, NaN after an
/// activation that is NaN. Sums are taken token by token in float64.
/// </summary>
/// <example>Activations 0, 1 and 3: maximum 3, mean 2.</example>
/// <param name="featureCount">F.</param>
public sealed class ActivationRange(int featureCount)
{
    private readonly float[] _maxima = new float[featureCount];
    private readonly double[] _sums = new double[featureCount];
    private readonly long[] _counts = new long[featureCount];

    public float Max(int feature) => _maxima[feature];

    public float Mean(int feature) => _counts[feature] == 0 ? 0 : (float)(_sums[feature] / _counts[feature]);

    /// <summary>Adds the next tokens.</summary>
    /// <exception cref="ArgumentException">They are of another number of features.</exception>
    public void Add(ActivationsByFeature activations)
    {
        activations.Require(featureCount);
        for (var feature = 0; feature < featureCount; feature++)
        {
            foreach (var value in activations.ValuesOf(feature))
            {
                _maxima[feature] = Math.Max(_maxima[feature], value);
                _sums[feature] += value;
            }

            _counts[feature] += activations.CountOf(feature);
        }
    }
}
