using System.Runtime.InteropServices;
using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Numerics.Metrics;

/// <summary>
/// Per feature: the tokens on which it is most active, by activation summed over their occurrences. Memory grows with
/// the pairs of feature and token id that occur, at most F × V.
/// </summary>
/// <example>Token 7 with activations 1 and 1, token 9 with 1.5: 7 comes first.</example>
public sealed class TopTokens
{
    private readonly Dictionary<(int Feature, int Token), double> _sums = [];

    /// <param name="activations">Of a batch.</param>
    /// <param name="tokens">Token id of each of its rows.</param>
    /// <exception cref="ArgumentException">There is not one id for each row.</exception>
    public void Add(SparseActivations activations, ReadOnlySpan<int> tokens)
    {
        if (tokens.Length != activations.TokenCount)
            throw new ArgumentException($"{tokens.Length} token ids for {activations.TokenCount} rows.", nameof(tokens));
        for (var row = 0; row < tokens.Length; row++)
        {
            var values = activations.ValuesOf(row);
            var features = activations.FeaturesOf(row);
            for (var pair = 0; pair < features.Length; pair++)
            {
                ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(
                    _sums, (features[pair], tokens[row]), out _);
                sum += values[pair];
            }
        }
    }

    /// <summary>The first few of each feature that fired, strongest first; ties by id.</summary>
    /// <param name="count">How many at most.</param>
    public IReadOnlyDictionary<int, int[]> First(int count) =>
        _sums
            .GroupBy(entry => entry.Key.Feature)
            .ToDictionary(
                group => group.Key,
                group => group
                    .OrderByDescending(entry => entry.Value)
                    .ThenBy(entry => entry.Key.Token)
                    .Take(count)
                    .Select(entry => entry.Key.Token)
                    .ToArray());
}
