using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Numerics.Metrics.Activations;

/// <summary>
/// The active pairs of a batch feature by feature (a counting sort), in the order of the tokens within each: whoever owns a
/// feature takes its pairs in that order, on any number of threads.
/// </summary>
public sealed class ActivationsByFeature
{
    private readonly int[] _starts;
    private readonly int[] _tokens;
    private readonly float[] _values;

    /// <param name="activations">Of a batch.</param>
    /// <param name="tokens">Token id of each of its rows.</param>
    /// <exception cref="ArgumentException">There is not one id for each row.</exception>
    public ActivationsByFeature(SparseActivations activations, ReadOnlySpan<int> tokens)
    {
        if (tokens.Length != activations.TokenCount)
            throw new ArgumentException($"{tokens.Length} token ids for {activations.TokenCount} rows.", nameof(tokens));
        (FeatureCount, TokenCount) = (activations.FeatureCount, activations.TokenCount);
        var pairs = activations.Features.Length;
        (_starts, _tokens, _values) = (new int[FeatureCount + 1], new int[pairs], new float[pairs]);
        foreach (var feature in activations.Features) _starts[feature + 1]++;
        for (var feature = 0; feature < FeatureCount; feature++) _starts[feature + 1] += _starts[feature];
        var next = _starts.AsSpan(0, FeatureCount).ToArray();
        for (var row = 0; row < tokens.Length; row++)
        {
            for (var pair = activations.Offsets[row]; pair < activations.Offsets[row + 1]; pair++)
            {
                var slot = next[activations.Features[pair]]++;
                (_tokens[slot], _values[slot]) = (tokens[row], activations.Values[pair]);
            }
        }
    }

    /// <summary>F.</summary>
    public int FeatureCount { get; }

    /// <summary>Rows of the batch.</summary>
    public int TokenCount { get; }

    /// <summary>On how many rows a feature is active.</summary>
    public int CountOf(int feature) => _starts[feature + 1] - _starts[feature];

    /// <summary>The ids of the tokens on which a feature is active.</summary>
    public ReadOnlySpan<int> TokensOf(int feature) => _tokens.AsSpan(_starts[feature], CountOf(feature));

    /// <summary>Its activations on them.</summary>
    public ReadOnlySpan<float> ValuesOf(int feature) => _values.AsSpan(_starts[feature], CountOf(feature));

    /// <exception cref="ArgumentException">They are of another number of features.</exception>
    internal void Require(int featureCount)
    {
        if (FeatureCount != featureCount) throw new ArgumentException($"Expected activations of {featureCount} features, found {FeatureCount}.");
    }
}
