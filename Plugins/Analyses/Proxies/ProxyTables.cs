using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Analyses.Statistics;

namespace Orchestrator.Analyses.Proxies;

/// <summary>The tables: one row a proxy, a feature that agrees with one, an activation interval of the best.</summary>
/// <param name="proxies">All proxies.</param>
/// <param name="counts">How much there is of them.</param>
/// <param name="surveys">The features first, then neurons, then the random twin's where there is one.</param>
/// <param name="rankings">Of the surveys in the same order, then of shuffled labels.</param>
internal sealed class ProxyTables(
    IReadOnlyList<Proxy> proxies, MarkCounts counts, IReadOnlyList<ProxySurvey> surveys, IReadOnlyList<Ranking> rankings)
{
    /// <summary>Every proxy; index −1 and NaN where there is too little of it, or nothing fires.</summary>
    public AnalysisTable Proxies()
    {
        var all = Enumerable.Range(0, proxies.Count).ToList();
        List<AnalysisColumn> columns =
        [
            new AnalysisColumn("proxy", all.Select(proxy => proxies[proxy].Name).ToArray()),
            new AnalysisColumn("kind", all.Select(proxy => proxies[proxy].Kind).ToArray()),
            new AnalysisColumn("threshold_nats", all.Select(proxy => proxies[proxy].Threshold).ToArray()),
            new AnalysisColumn("tokens", all.Select(counts.Inside).ToArray()),
            new AnalysisColumn("share_of_tokens", all.Select(proxy => new Proportion(counts.Inside(proxy), counts.Tokens).Value).ToArray()),
        ];
        foreach (var ranking in rankings)
        {
            var best = all.Select(ranking.BestOf).ToList();
            double[] Column(Func<Agreement, double> value) => [.. best.Select(match => match is { } found ? value(found.Agreement) : double.NaN)];
            columns.AddRange(
            [
                new AnalysisColumn("feature" + ranking.Suffix, best.Select(static match => match?.Feature ?? -1).ToArray()),
                new AnalysisColumn("correlation" + ranking.Suffix, Column(static agreement => agreement.Correlation)),
                new AnalysisColumn("sensitivity" + ranking.Suffix, Column(static agreement => agreement.Sensitivity.Value)),
                new AnalysisColumn("specificity" + ranking.Suffix, Column(static agreement => agreement.Specificity.Value)),
            ]);
        }

        return new AnalysisTable(columns);
    }

    /// <summary>The few best features of each source for each proxy, with all that is known of them.</summary>
    public AnalysisTable Features()
    {
        var rows = Enumerable.Range(0, proxies.Count)
            .SelectMany(proxy => rankings.SelectMany(ranking => ranking.Of(proxy).Select((match, rank) => (Proxy: proxy, Source: ranking.Name, Rank: rank + 1, match.Feature, match.Agreement))))
            .ToList();
        double[] Column(Func<Agreement, double> value) => [.. rows.Select(row => value(row.Agreement))];
        return new AnalysisTable(
        [
            new AnalysisColumn("proxy", rows.Select(row => proxies[row.Proxy].Name).ToArray()),
            new AnalysisColumn("source", rows.Select(static row => row.Source).ToArray()),
            new AnalysisColumn("rank", rows.Select(static row => row.Rank).ToArray()),
            new AnalysisColumn("feature", rows.Select(static row => row.Feature).ToArray()),
            new AnalysisColumn("correlation", Column(static agreement => agreement.Correlation)),
            new AnalysisColumn("correlation_low", Column(static agreement => agreement.CorrelationInterval.Low)),
            new AnalysisColumn("correlation_high", Column(static agreement => agreement.CorrelationInterval.High)),
            new AnalysisColumn("f1", Column(static agreement => agreement.F1)),
            new AnalysisColumn("sensitivity", Column(static agreement => agreement.Sensitivity.Value)),
            new AnalysisColumn("sensitivity_low", Column(static agreement => agreement.Sensitivity.Low)),
            new AnalysisColumn("sensitivity_high", Column(static agreement => agreement.Sensitivity.High)),
            new AnalysisColumn("specificity", Column(static agreement => agreement.Specificity.Value)),
            new AnalysisColumn("specificity_low", Column(static agreement => agreement.Specificity.Low)),
            new AnalysisColumn("specificity_high", Column(static agreement => agreement.Specificity.High)),
            new AnalysisColumn("specificity_of_activation", Column(static agreement => agreement.WeightedSpecificity)),
            new AnalysisColumn("true_negative_rate", Column(static agreement => agreement.TrueNegatives.Value)),
            new AnalysisColumn("firings", rows.Select(static row => row.Agreement.Firings).ToArray()),
            new AnalysisColumn("firings_in_proxy", rows.Select(static row => row.Agreement.Both).ToArray()),
        ]);
    }

    /// <summary>The activation intervals of the best of each source for each proxy, the one with the maximum first.</summary>
    public AnalysisTable Intervals()
    {
        var rows = Enumerable.Range(0, proxies.Count)
            .SelectMany(proxy => surveys.SelectMany(survey => IntervalTableRow.Of(proxies[proxy].Name, proxy, survey)))
            .ToList();
        return new AnalysisTable(
        [
            new AnalysisColumn("proxy", rows.Select(static row => row.Proxy).ToArray()),
            new AnalysisColumn("source", rows.Select(static row => row.Source).ToArray()),
            new AnalysisColumn("feature", rows.Select(static row => row.Feature).ToArray()),
            new AnalysisColumn("interval", rows.Select(static row => row.Interval).ToArray()),
            new AnalysisColumn("lower", rows.Select(static row => row.Lower).ToArray()),
            new AnalysisColumn("upper", rows.Select(static row => row.Upper).ToArray()),
            new AnalysisColumn("firings", rows.Select(static row => row.Counts.Firings).ToArray()),
            new AnalysisColumn("specificity", rows.Select(static row => row.Specificity.Value).ToArray()),
            new AnalysisColumn("specificity_low", rows.Select(static row => row.Specificity.Low).ToArray()),
            new AnalysisColumn("specificity_high", rows.Select(static row => row.Specificity.High).ToArray()),
            new AnalysisColumn("activation", rows.Select(static row => row.Counts.Activation).ToArray()),
            new AnalysisColumn("activation_in_proxy", rows.Select(static row => row.Counts.ActivationInside).ToArray()),
            new AnalysisColumn("mean_log_likelihood_ratio_nats", rows.Select(static row => row.Counts.MeanScore).ToArray()),
            new AnalysisColumn("specificity_from_here_up", rows.Select(static row => row.SpecificityUp.Value).ToArray()),
            new AnalysisColumn("sensitivity_from_here_up", rows.Select(static row => row.SensitivityUp.Value).ToArray()),
        ]);
    }
}
