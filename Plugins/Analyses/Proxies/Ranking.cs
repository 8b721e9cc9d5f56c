using Orchestrator.Abstractions.Analyses.Statistics;

namespace Orchestrator.Analyses.Proxies;

/// <summary>The features of one source, or of a null, that agree best with each proxy that there is enough text of.</summary>
internal sealed class Ranking
{
    // The paper's, whose figures are metrics of their own; base64 also by length, since its likelihood is broad.
    private static readonly string[] Named = ["arabic", "hebrew", "dna", "base64", "base64_runs"];

    private readonly IReadOnlyList<Proxy> _proxies;
    private readonly Dictionary<int, IReadOnlyList<(int Feature, Agreement Agreement)>> _best;

    /// <param name="name">For people.</param>
    /// <param name="suffix">Ends the names of null metrics; empty for the features themselves.</param>
    /// <param name="counts">What was counted.</param>
    /// <param name="proxies">All proxies.</param>
    /// <param name="measured">Indices of those that there is enough text of.</param>
    /// <param name="options">How many to keep, and by what they are ranked.</param>
    public Ranking(string name, string suffix, ProxyCounts counts, IReadOnlyList<Proxy> proxies, IEnumerable<int> measured, ProxiesOptions options)
    {
        (Name, Suffix, _proxies) = (name, suffix, proxies);
        _best = measured.ToDictionary(static proxy => proxy, proxy => counts.Best(proxy, options.TopFeatures, options.RankByF1));
    }

    public string Name { get; }

    public string Suffix { get; }

    /// <summary>The few best for a proxy, best first; none where the proxy is not measured, or no feature fires.</summary>
    public IReadOnlyList<(int Feature, Agreement Agreement)> Of(int proxy) => _best.GetValueOrDefault(proxy) ?? [];

    /// <summary>The best for a proxy; null where there is none.</summary>
    public (int Feature, Agreement Agreement)? BestOf(int proxy) => Of(proxy) is [var best, ..] ? best : null;

    public Dictionary<string, double> Metrics()
    {
        var best = _best.Keys.Select(BestOf).OfType<(int Feature, Agreement Agreement)>().Select(static match => match.Agreement).ToList();
        var metrics = new Dictionary<string, double>
        {
            ["median_best_correlation" + Suffix] = Samples.Median(best.Select(static agreement => agreement.Correlation)),
            ["median_best_sensitivity" + Suffix] = Samples.Median(best.Select(static agreement => agreement.Sensitivity.Value)),
            ["median_best_specificity" + Suffix] = Samples.Median(best.Select(static agreement => agreement.Specificity.Value)),
            ["median_best_f1" + Suffix] = Samples.Median(best.Select(static agreement => agreement.F1)),
            ["share_above_half" + Suffix] = Samples.Share(best, static agreement => agreement.Correlation > 0.5),
        };
        foreach (var name in Named)
        {
            var index = Enumerable.Range(0, _proxies.Count).First(proxy => _proxies[proxy].Name == name);
            var agreement = BestOf(index)?.Agreement ?? default;
            metrics[$"{name}_correlation{Suffix}"] = agreement.Correlation;
            metrics[$"{name}_sensitivity{Suffix}"] = agreement.Sensitivity.Value;
            metrics[$"{name}_specificity{Suffix}"] = agreement.Specificity.Value;
        }

        return metrics;
    }
}
