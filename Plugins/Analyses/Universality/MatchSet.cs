using Orchestrator.Abstractions.Analyses.Statistics;

namespace Orchestrator.Analyses.Universality;

/// <summary>A feature and its best match in the other source.</summary>
internal sealed record Match(int Feature, int BestFeature, double Correlation, double LogitCorrelation, double Density);

/// <summary>What a comparison found.</summary>
/// <param name="Name">For people.</param>
/// <param name="Suffix">Ends the names of null metrics; empty for the features themselves.</param>
/// <param name="Matches">One for each compared feature.</param>
/// <param name="Dead">Features that never fired.</param>
/// <param name="Rare">Features that fired, too seldom to compare.</param>
internal sealed record MatchSet(string Name, string Suffix, IReadOnlyList<Match> Matches, int Dead, int Rare)
{
    public double MedianCorrelation => Samples.Median(Matches.Select(static match => match.Correlation));

    public IReadOnlyDictionary<string, double> Metrics() => new Dictionary<string, double>
    {
        ["median_best_correlation" + Suffix] = MedianCorrelation,
        ["share_above_half" + Suffix] = Samples.Share(Matches, static match => match.Correlation > 0.5),
        ["median_logit_correlation" + Suffix] = Samples.Median(Matches.Select(static match => match.LogitCorrelation)),
        ["compared_features" + Suffix] = Matches.Count,
        ["dead_features" + Suffix] = Dead,
        ["rare_features" + Suffix] = Rare,
    };
}
