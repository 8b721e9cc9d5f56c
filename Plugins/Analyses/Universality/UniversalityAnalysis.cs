using System.Globalization;
using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Analyses.Statistics;

namespace Orchestrator.Analyses.Universality;

/// <summary>
/// Correlates activations of every feature of one dictionary with those of every feature of its twin on another seed,
/// on the same tokens, and keeps each one's best match (paper, "Universality"). Nulls: neurons against neurons, the
/// features against the random twin's dictionary, and against the second dictionary on shuffled tokens.
/// </summary>
public sealed class UniversalityAnalysis : IAnalysis
{
    public AnalysisOutcome Run(IAnalysisContext context, CancellationToken cancellationToken)
    {
        var options = UniversalityOptions.From(context.Options);
        var comparisons = Comparisons(context);
        Stream(context, comparisons, options, cancellationToken);

        var sets = comparisons.All.Select(comparison => comparison.Match(options.MinFirings, cancellationToken)).ToList();
        if (sets[0].Matches.Count == 0)
        {
            throw new InvalidOperationException(
                $"No pair of features fires on {options.MinFirings} or more tokens in both dictionaries: nothing to compare.");
        }

        context.WriteTable("matches", Table(sets[0]));
        context.WriteFile("universality.svg", CorrelationFigure.Draw(sets));
        context.Progress(1);
        return new AnalysisOutcome(sets[0].Metrics(), NullMetrics(sets), Verdict(sets));
    }

    private static ComparisonSet Comparisons(IAnalysisContext context)
    {
        var (first, second) = (context.Dictionaries[0], context.Dictionaries[1]);
        var (features, others) = (context.Features(first), context.Features(second));
        var twin = context.NearestNull(second.FeatureCount) is { } nearest ? context.Features(nearest) : null;
        return new ComparisonSet(
            new Comparison("features", "", features, others),
            new Comparison("neurons", "_neurons", context.Neurons(first), context.Neurons(second)),
            twin is null ? null : new Comparison("random twin", "_random_twin", features, twin),
            new Comparison("shuffled tokens", "_shuffled_tokens", features, others));
    }

    private static void Stream(
        IAnalysisContext context, ComparisonSet comparisons, UniversalityOptions options, CancellationToken cancellationToken)
    {
        var seen = 0L;
        foreach (var batch in context.Tokens(options.MaxTokens))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var first = comparisons.Features.First.Activations(batch);
            var second = comparisons.Features.Second.Activations(batch);
            var neurons = comparisons.Neurons.First.Activations(batch);
            var otherNeurons = comparisons.Neurons.Second.Activations(batch);
            var twin = comparisons.RandomTwin?.Second.Activations(batch);
            var order = TokenShuffle.Order(batch.Count, context.Seed, batch.FirstToken);
            // Each adds to sums of its own, so that they may do so at the same time.
            Parallel.Invoke(
                () => comparisons.Features.Add(first, second),
                () => comparisons.Shuffled.Add(first, TokenShuffle.Reorder(second, order)),
                () => comparisons.Neurons.Add(neurons, otherNeurons),
                () => comparisons.RandomTwin?.Add(first, twin!));
            seen += batch.Count;
            context.Progress(Math.Min(0.95, 0.95 * seen / options.MaxTokens));
        }
    }

    private static AnalysisTable Table(MatchSet set) => new(
    [
        new AnalysisColumn("feature", set.Matches.Select(static match => match.Feature).ToArray()),
        new AnalysisColumn("best_feature", set.Matches.Select(static match => match.BestFeature).ToArray()),
        new AnalysisColumn("correlation", set.Matches.Select(static match => match.Correlation).ToArray()),
        new AnalysisColumn("logit_correlation", set.Matches.Select(static match => match.LogitCorrelation).ToArray()),
        new AnalysisColumn("density", set.Matches.Select(static match => match.Density).ToArray()),
    ]);

    // A null in which nothing fires often enough says nothing and is left out.
    private static Dictionary<string, double> NullMetrics(IEnumerable<MatchSet> sets) => sets
        .Skip(1)
        .Where(static set => set.Matches.Count > 0)
        .SelectMany(static set => set.Metrics())
        .ToDictionary();

    private static string Verdict(IReadOnlyList<MatchSet> sets)
    {
        var nulls = string.Join(", ", sets.Skip(1).Select(static set => $"{set.Name} {Format(set.MedianCorrelation)}"));
        return $"Median best correlation with the other seed {Format(sets[0].MedianCorrelation)} over {sets[0].Matches.Count} features ({nulls}).";
    }

    private static string Format(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private sealed record ComparisonSet(Comparison Features, Comparison Neurons, Comparison? RandomTwin, Comparison Shuffled)
    {
        public IEnumerable<Comparison> All => RandomTwin is null ? [Features, Neurons, Shuffled] : [Features, Neurons, RandomTwin, Shuffled];
    }
}
