using Orchestrator.Abstractions.Analyses.Statistics;

namespace Orchestrator.Analyses.Proxies;

/// <summary>A row of table <c>intervals</c>.</summary>
/// <param name="Proxy">The proxy's name.</param>
/// <param name="Source">The source's.</param>
/// <param name="Feature">Its best feature for the proxy.</param>
/// <param name="Interval">0 holds the maximum.</param>
/// <param name="Lower">Lower edge, an activation.</param>
/// <param name="Upper">Upper edge, an activation.</param>
/// <param name="Counts">Of the interval.</param>
/// <param name="SpecificityUp">Share of the firings in this interval and stronger ones that lie in the proxy.</param>
/// <param name="SensitivityUp">Share of the proxy's tokens on which it fires so strongly.</param>
internal sealed record IntervalTableRow(
    string Proxy, string Source, int Feature, int Interval, double Lower, double Upper, IntervalRow Counts, Proportion SpecificityUp, Proportion SensitivityUp)
{
    /// <summary>Share of the firings in this interval that lie in the proxy.</summary>
    public Proportion Specificity => new(Counts.Inside, Counts.Firings);

    /// <summary>The intervals of a source's best feature for a proxy; none where there is no such feature.</summary>
    public static IEnumerable<IntervalTableRow> Of(string name, int proxy, ProxySurvey survey)
    {
        if (survey.Ranking.BestOf(proxy) is not { } best || survey.Intervals.Of(proxy) is not { } intervals)
        {
            yield break;
        }

        var maximum = survey.Counts.Moments.Maximum(best.Feature);
        var (firings, inside) = (0L, 0L);
        for (var interval = 0; interval < intervals.Length; interval++)
        {
            var counts = intervals.Span[interval];
            (firings, inside) = (firings + counts.Firings, inside + counts.Inside);
            yield return new IntervalTableRow(
                name,
                survey.Ranking.Name,
                best.Feature,
                interval,
                ActivationIntervals.LowerEdge(interval, maximum),
                ActivationIntervals.UpperEdge(interval, maximum),
                counts,
                new Proportion(inside, firings),
                new Proportion(inside, best.Agreement.Inside));
        }
    }
}
