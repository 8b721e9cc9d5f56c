namespace Orchestrator.Abstractions.Analyses.Statistics;

/// <summary>
/// The tokens with the largest total weight for each feature, in memory that does not grow with tokens or vocabulary:
/// the Space-Saving algorithm (Metwally et al., 2005). Totals are exact while a feature has met no more tokens than
/// <see cref="Slots"/>; after that a newcomer takes the place, and inherits the weight, of the lightest.
/// </summary>
public sealed class TopTokens
{
    private readonly int[] _tokens;
    private readonly double[] _weights;
    private readonly int[] _used;

    /// <param name="featureCount">F.</param>
    /// <param name="slots">Tokens kept for each feature.</param>
    public TopTokens(int featureCount, int slots = 24)
    {
        Slots = slots;
        _tokens = new int[checked(featureCount * slots)];
        _weights = new double[_tokens.Length];
        _used = new int[featureCount];
    }

    public int Slots { get; }

    /// <summary>Adds weight to a token of a feature.</summary>
    public void Add(int feature, int token, double weight)
    {
        var tokens = _tokens.AsSpan(feature * Slots, Slots);
        var weights = _weights.AsSpan(feature * Slots, Slots);
        var slot = tokens[.._used[feature]].IndexOf(token);
        if (slot < 0)
        {
            slot = _used[feature] < Slots ? _used[feature]++ : Lightest(weights);
            tokens[slot] = token;
        }

        weights[slot] += weight;
    }

    /// <summary>Adds each token of a batch to every feature that fires on it, weighted by the activation.</summary>
    public void Add(SparseActivations activations, ReadOnlySpan<int> tokens)
    {
        for (var t = 0; t < activations.TokenCount; t++)
        {
            var features = activations.FeaturesOf(t);
            var values = activations.ValuesOf(t);
            for (var i = 0; i < features.Length; i++)
            {
                Add(features[i], tokens[t], values[i]);
            }
        }
    }

    /// <summary>The heaviest tokens of a feature, heaviest first, equals by token.</summary>
    public IReadOnlyList<(int Token, double Weight)> Of(int feature, int count) =>
        [.. Enumerable.Range(feature * Slots, _used[feature])
            .Select(slot => (Token: _tokens[slot], Weight: _weights[slot]))
            .OrderByDescending(entry => entry.Weight)
            .ThenBy(entry => entry.Token)
            .Take(count)];

    private static int Lightest(ReadOnlySpan<double> weights)
    {
        var lightest = 0;
        for (var i = 1; i < weights.Length; i++)
        {
            if (weights[i] < weights[lightest])
            {
                lightest = i;
            }
        }

        return lightest;
    }
}
