using System.Globalization;
using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Analyses.Proxies;

/// <summary>
/// Holds features against properties of text that can be computed: scripts, base64, hexadecimal digits, DNA, code, and the
/// spec's own expressions (paper, "Individual features" and "Proxies"). For each, the feature that agrees best, with
/// sensitivity, specificity and activation intervals. Nulls: the best neuron, the random twin's best feature, and the best
/// feature for as many labels on tokens drawn at random.
/// </summary>
/// <remarks>
/// Text is read twice without a model, for what is probable in it and for how much of each proxy there is; features are
/// read twice too, since intervals need the maximum first. Memory grows with features × proxies and the vocabulary, not
/// with tokens.
/// </remarks>
public sealed class ProxiesAnalysis : IAnalysis
{
    private const double TextShare = 0.05;

    public AnalysisOutcome Run(IAnalysisContext context, CancellationToken cancellationToken)
    {
        var options = ProxiesOptions.From(context.Options);
        var proxies = ProxyCatalog.Of(options);
        var reader = new ProxyReader(proxies, context.Vocabulary);
        var counts = new MarkCounts(proxies.Count);
        foreach (var batch in Tokens(context, options, 0, TextShare, cancellationToken))
        {
            reader.Learn(batch);
        }

        foreach (var batch in Tokens(context, options, TextShare, 2 * TextShare, cancellationToken))
        {
            reader.Read(batch);
            counts.Add(reader.Marks);
        }

        List<int> measured = [.. Enumerable.Range(0, proxies.Count).Where(proxy => counts.Inside(proxy) >= options.MinTokens && counts.Inside(proxy) < counts.Tokens)];
        var surveys = Surveys(context, options, proxies.Count);
        var shuffled = ReadOnce(context, reader, surveys, new ShuffledLabels(counts, context.Seed), options, cancellationToken);
        surveys.ForEach(survey => survey.Rank(proxies, measured, options));
        ReadAgain(context, reader, surveys, options, cancellationToken);

        List<Ranking> rankings =
        [
            .. surveys.Select(static survey => survey.Ranking),
            new Ranking("shuffled labels", "_shuffled_labels", shuffled, proxies, measured, options),
        ];
        var tables = new ProxyTables(proxies, counts, surveys, rankings);
        context.WriteTable("proxies", tables.Proxies());
        context.WriteTable("features", tables.Features());
        context.WriteTable("intervals", tables.Intervals());
        context.WriteFile("proxies.svg", ProxyFigure.Draw(proxies, surveys));
        context.Progress(1);

        var metrics = rankings[0].Metrics();
        metrics["tokens"] = counts.Tokens;
        metrics["proxies_measured"] = measured.Count;
        return new AnalysisOutcome(
            metrics, rankings.Skip(1).SelectMany(static ranking => ranking.Metrics()).ToDictionary(), Verdict(proxies, measured, rankings));
    }

    private static List<ProxySurvey> Surveys(IAnalysisContext context, ProxiesOptions options, int proxyCount)
    {
        var dictionary = context.Dictionaries[0];
        var twin = context.NearestNull(dictionary.FeatureCount);
        List<ProxySurvey> surveys =
        [
            new ProxySurvey("features", "", context.Features(dictionary), proxyCount, options.CacheBytes),
            new ProxySurvey("neurons", "_neurons", context.Neurons(dictionary), proxyCount, options.CacheBytes),
        ];
        return twin is null ? surveys : [.. surveys, new ProxySurvey("random twin", "_random_twin", context.Features(twin), proxyCount, options.CacheBytes)];
    }

    /// <summary>What every feature has to do with every proxy, and with as many shuffled labels, which are returned.</summary>
    private static ProxyCounts ReadOnce(
        IAnalysisContext context, ProxyReader reader, List<ProxySurvey> surveys, ShuffledLabels labels, ProxiesOptions options, CancellationToken cancellationToken)
    {
        var shuffled = new ProxyCounts(surveys[0].Counts.Moments.FeatureCount, surveys[0].Counts.Marks.ProxyCount);
        foreach (var batch in Tokens(context, options, 2 * TextShare, 0.55, cancellationToken))
        {
            reader.Read(batch);
            var activations = surveys.ConvertAll(survey => survey.Read(batch));
            var shuffledMarks = labels.Next(batch.Count);
            // Each adds to sums of its own, so that they may do so at the same time.
            Parallel.For(0, surveys.Count + 1, i =>
            {
                if (i < surveys.Count)
                {
                    surveys[i].Counts.Add(activations[i], reader.Marks);
                }
                else
                {
                    shuffled.Add(activations[0], shuffledMarks);
                }
            });
        }

        return shuffled;
    }

    private static void ReadAgain(
        IAnalysisContext context, ProxyReader reader, List<ProxySurvey> surveys, ProxiesOptions options, CancellationToken cancellationToken)
    {
        foreach (var batch in Tokens(context, options, 0.55, 0.95, cancellationToken))
        {
            reader.Read(batch);
            surveys.ForEach(survey => survey.Intervals.Add(survey.ReadAgain(batch), reader));
        }
    }

    /// <summary>One reading, which takes the progress from one share to another.</summary>
    private static IEnumerable<TokenBatch> Tokens(
        IAnalysisContext context, ProxiesOptions options, double from, double to, CancellationToken cancellationToken)
    {
        var read = 0L;
        foreach (var batch in context.Tokens(options.MaxTokens))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return batch;
            read += batch.Count;
            context.Progress(from + (to - from) * Math.Min(1, (double)read / options.MaxTokens));
        }
    }

    private static string Verdict(IReadOnlyList<Proxy> proxies, List<int> measured, List<Ranking> rankings)
    {
        const int MostNamed = 6;
        var found = measured
            .Select(proxy => (Proxy: proxy, Best: rankings[0].BestOf(proxy)))
            .Where(static match => match.Best is not null)
            .OrderByDescending(static match => match.Best!.Value.Agreement.Correlation)
            .Take(MostNamed)
            .Select(match => $"{proxies[match.Proxy].Name} {Format(match.Best!.Value.Agreement.Correlation)} by feature {match.Best.Value.Feature}");
        var medians = string.Join(", ", rankings.Skip(1).Select(static ranking => $"{ranking.Name} {Format(ranking.Metrics()["median_best_correlation" + ranking.Suffix])}"));
        return measured.Count == 0
            ? "The text has too little of every proxy."
            : $"Over {measured.Count} proxies the best feature correlates {Format(rankings[0].Metrics()["median_best_correlation"])} in the median ({medians}): {string.Join("; ", found)}.";
    }

    private static string Format(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
