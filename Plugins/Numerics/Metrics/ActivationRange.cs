using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Numerics.Metrics;

/// <summary>Per feature: the greatest activation, and the mean over the tokens on which it fires; 0 for a dead feature.</summary>
/// <example>Activations 0, 1 and 3: maximum 3, mean 2.</example>
/// <param name="featureCount">F.</param>
public sealed class ActivationRange(int featureCount)
{
    private readonly float[] _maxima = new float[featureCount];
    private readonly double[] _sums = new double[featureCount];
    private readonly long[] _counts = new long[featureCount];

    public float Max(int feature) => _maxima[feature];

    public float Mean(int feature) => _counts[feature] == 0 ? 0 : (float)(_sums[feature] / _counts[feature]);

    public void Add(SparseActivations activations)
    {
        for (var pair = 0; pair < activations.Features.Length; pair++)
        {
            var feature = activations.Features[pair];
            var value = activations.Values[pair];
            _maxima[feature] = Math.Max(_maxima[feature], value);
            _sums[feature] += value;
            _counts[feature]++;
        }
    }
}
