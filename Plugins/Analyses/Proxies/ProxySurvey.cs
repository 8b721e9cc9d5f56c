using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Analyses.Statistics;

namespace Orchestrator.Analyses.Proxies;

/// <summary>What is measured of a source in two readings: the features, the neurons, the random twin's.</summary>
internal sealed class ProxySurvey(string name, string suffix, IFeatureSource source, int proxyCount, long cacheBytes)
{
    private readonly ActivationCache _cache = new(source, cacheBytes);
    private IntervalCounts? _intervals;
    private Ranking? _ranking;

    public ProxyCounts Counts { get; } = new(source.FeatureCount, proxyCount);

    /// <summary>After the first reading.</summary>
    public Ranking Ranking => _ranking ?? throw new InvalidOperationException("The first reading is not done.");

    /// <summary>After the second one.</summary>
    public IntervalCounts Intervals => _intervals ?? throw new InvalidOperationException("The first reading is not done.");

    public SparseActivations Read(TokenBatch batch) => _cache.First(batch);

    public SparseActivations ReadAgain(TokenBatch batch) => _cache.Second(batch);

    /// <summary>Ends the first reading: chooses the features whose intervals the second one counts.</summary>
    public void Rank(IReadOnlyList<Proxy> proxies, IReadOnlyList<int> measured, ProxiesOptions options)
    {
        _ranking = new Ranking(name, suffix, Counts, proxies, measured, options);
        var chosen = measured.Where(proxy => _ranking.BestOf(proxy) is not null).Select(proxy => (proxy, _ranking.BestOf(proxy)!.Value.Feature)).ToList();
        _intervals = new IntervalCounts(Counts.Moments, chosen);
    }
}
