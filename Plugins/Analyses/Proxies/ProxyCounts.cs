using System.Numerics;
using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Analyses.Statistics;

namespace Orchestrator.Analyses.Proxies;

/// <summary>
/// Streaming counts of every feature with every proxy. Only pairs of an active feature and a proxy in which the token lies
/// are touched. Memory: 16 bytes × F × proxies, whatever the number of tokens.
/// </summary>
internal sealed class ProxyCounts(int featureCount, int proxyCount)
{
    private readonly long[] _both = new long[checked(featureCount * proxyCount)];        // [F, proxies]
    private readonly double[] _activation = new double[featureCount * proxyCount];       // [F, proxies]

    public FeatureMoments Moments { get; } = new(featureCount);

    public MarkCounts Marks { get; } = new(proxyCount);

    /// <summary>Adds a batch: mark t is that of row t.</summary>
    public void Add(SparseActivations activations, ReadOnlySpan<ulong> marks)
    {
        Moments.Add(activations);
        Marks.Add(marks);
        for (var token = 0; token < marks.Length; token++)
        {
            for (var rest = marks[token]; rest != 0; rest &= rest - 1)
            {
                AddToken(activations.FeaturesOf(token), activations.ValuesOf(token), BitOperations.TrailingZeroCount(rest));
            }
        }
    }

    public Agreement Of(int feature, int proxy) => new(
        Moments.Tokens,
        Marks.Inside(proxy),
        Moments.Firings(feature),
        _both[feature * proxyCount + proxy],
        Moments.Sum(feature),
        _activation[feature * proxyCount + proxy],
        Moments.SumOfSquares(feature));

    /// <summary>The features that agree best with a proxy, best first, equals by index; those that never fire are none.</summary>
    public IReadOnlyList<(int Feature, Agreement Agreement)> Best(int proxy, int count, bool byF1) =>
        [.. Enumerable.Range(0, featureCount)
            .Where(feature => Moments.Firings(feature) > 0)
            .Select(feature => (Feature: feature, Agreement: Of(feature, proxy)))
            .OrderByDescending(candidate => byF1 ? candidate.Agreement.F1 : candidate.Agreement.Correlation)
            .ThenBy(static candidate => candidate.Feature)
            .Take(count)];

    private void AddToken(ReadOnlySpan<int> features, ReadOnlySpan<float> values, int proxy)
    {
        for (var i = 0; i < features.Length; i++)
        {
            var place = features[i] * proxyCount + proxy;
            _both[place]++;
            _activation[place] += values[i];
        }
    }
}
