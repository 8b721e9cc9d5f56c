using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Analyses.Statistics;

namespace Orchestrator.Analyses.Density;

/// <summary>What is measured of a source: the features, or a null.</summary>
/// <param name="name">For people.</param>
/// <param name="suffix">Ends the names of null metrics; empty for the features themselves.</param>
/// <param name="source">The source.</param>
internal sealed class DensitySurvey(string name, string suffix, IFeatureSource source)
{
    private const double OnePercent = 0.01;
    private const double TenPercent = 0.1;

    private readonly FeatureMoments _moments = new(source.FeatureCount);
    private long[]? _histogram;

    public string Name => name;

    public string Suffix => suffix;

    public int FeatureCount => source.FeatureCount;

    public long Tokens => _moments.Tokens;

    /// <summary>By log density; of what was read when it is first asked for.</summary>
    public IReadOnlyList<long> Histogram => _histogram ??= DensityHistogram.Of(Densities);

    /// <summary>Upper end of the ultralow density cluster; null where there is none.</summary>
    public double? Bound => UltralowCluster.Bound(Histogram, Tokens);

    private IEnumerable<double> Densities => Enumerable.Range(0, FeatureCount).Select(_moments.Density);

    public void Read(TokenBatch batch) => _moments.Add(source.Activations(batch));

    public Dictionary<string, double> Metrics()
    {
        var bound = Bound;
        var alive = Densities.Where(static density => density > 0).ToList();
        var ultralow = alive.Count(density => density < bound);
        return new Dictionary<string, double>
        {
            ["median_density" + suffix] = Samples.Median(alive),
            ["active_per_token" + suffix] = alive.Sum(),
            ["dead_features" + suffix] = FeatureCount - alive.Count,
            ["ultralow_features" + suffix] = ultralow,
            ["ultralow_bound" + suffix] = bound ?? 0,
            ["ordinary_features" + suffix] = alive.Count - ultralow,
            ["share_above_one_percent" + suffix] = alive.Count(static density => density > OnePercent) / (double)FeatureCount,
            ["share_above_ten_percent" + suffix] = alive.Count(static density => density > TenPercent) / (double)FeatureCount,
        };
    }

    /// <summary>A row for each feature.</summary>
    public AnalysisTable Table()
    {
        var bound = Bound;
        var features = Enumerable.Range(0, FeatureCount).ToArray();
        var shares = features.Select(feature => new Proportion(_moments.Firings(feature), Tokens)).ToList();
        return new AnalysisTable(
        [
            new AnalysisColumn("feature", features),
            new AnalysisColumn("firings", shares.Select(static share => share.Count).ToArray()),
            new AnalysisColumn("density", shares.Select(static share => share.Value).ToArray()),
            new AnalysisColumn("density_low", shares.Select(static share => share.Low).ToArray()),
            new AnalysisColumn("density_high", shares.Select(static share => share.High).ToArray()),
            new AnalysisColumn("cluster", shares.Select(share => share.Count == 0 ? "dead" : share.Value < bound ? "ultralow" : "ordinary").ToArray()),
        ]);
    }
}
