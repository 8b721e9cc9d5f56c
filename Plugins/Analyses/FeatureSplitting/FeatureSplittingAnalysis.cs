using System.Globalization;
using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Analyses.Statistics;

namespace Orchestrator.Analyses.FeatureSplitting;

/// <summary>
/// Joins features of consecutive dictionary sizes by masked activation cosine (paper, "Splitting") and decoder cosine. Nulls: neurons in
/// place of the smaller dictionary, the random twin's dictionary in place of the larger, shuffled tokens, and decoder
/// cosines of the same joins with the larger dictionary's directions dealt out anew.
/// </summary>
public sealed class FeatureSplittingAnalysis : IAnalysis
{
    public AnalysisOutcome Run(IAnalysisContext context, CancellationToken cancellationToken)
    {
        var options = FeatureSplittingOptions.From(context.Options);
        var generations = new Generations(context);
        var seen = 0L;
        foreach (var batch in context.Tokens(options.MaxTokens))
        {
            cancellationToken.ThrowIfCancellationRequested();
            generations.Add(batch, context.Seed);
            seen += batch.Count;
            context.Progress(Math.Min(0.9, 0.9 * seen / options.MaxTokens));
        }

        IReadOnlyList<Lineage> Join(IReadOnlyList<Generation> steps) =>
            [.. steps.Select(step => step.Join(options, cancellationToken))];

        var lineages = Join(generations.Features);
        if (lineages.All(static lineage => lineage.IsEmpty))
        {
            throw new InvalidOperationException($"No features fire on {options.MinFirings} or more tokens: nothing to join.");
        }

        var metrics = Lineage.Metrics(lineages, "");
        var nulls = NullMetrics(
            [("_neurons", Join(generations.Neurons)), ("_random_twin", Join(generations.RandomTwins)), ("_shuffled_tokens", Join(generations.Shuffled))]);
        nulls["median_edge_decoder_cosine_shuffled_directions"] = ShuffledDirections(generations.Features, lineages, context.Seed);

        context.WriteTable("edges", Table(context.Dictionaries, lineages));
        var figure = new TreeFigure(context.Dictionaries, generations.TopTokensOf, context.Vocabulary);
        context.WriteFile("feature-splitting.svg", figure.Draw(SplittingTree.Largest(lineages, options.Trees)));
        context.Progress(1);
        return new AnalysisOutcome(metrics, nulls, Verdict(metrics, nulls));
    }

    private static Dictionary<string, double> NullMetrics(IEnumerable<(string Suffix, IReadOnlyList<Lineage> Lineages)> nulls) => nulls
        .Where(static entry => !entry.Lineages.All(static lineage => lineage.IsEmpty))
        .SelectMany(static entry => Lineage.Metrics(entry.Lineages, entry.Suffix))
        .ToDictionary();

    private static double ShuffledDirections(IReadOnlyList<Generation> generations, IReadOnlyList<Lineage> lineages, ulong seed)
    {
        var cosines = new List<double>();
        for (var step = 0; step < lineages.Count; step++)
        {
            var (small, large, children) = (generations[step].Small, generations[step].Large, lineages[step].Children);
            var order = TokenShuffle.Order(children.Length, seed, step);
            var dealt = children.Select((child, i) => (Child: child, Other: children[order[i]])).ToDictionary(static pair => pair.Child, static pair => pair.Other);
            cosines.AddRange(lineages[step].Edges.Select(edge => Samples.Cosine(small.Direction(edge.From), large.Direction(dealt[edge.To]))));
        }

        return Samples.Median(cosines);
    }

    private static AnalysisTable Table(IReadOnlyList<DictionaryInput> sizes, IReadOnlyList<Lineage> lineages)
    {
        var rows = lineages.SelectMany((lineage, step) => lineage.Edges.Select(edge => (Step: step, Edge: edge))).ToList();
        return new AnalysisTable(
        [
            new AnalysisColumn("from_dictionary", rows.Select(row => sizes[row.Step].Id.Value).ToArray()),
            new AnalysisColumn("from_feature", rows.Select(static row => row.Edge.From).ToArray()),
            new AnalysisColumn("to_dictionary", rows.Select(row => sizes[row.Step + 1].Id.Value).ToArray()),
            new AnalysisColumn("to_feature", rows.Select(static row => row.Edge.To).ToArray()),
            new AnalysisColumn("masked_cosine", rows.Select(static row => row.Edge.MaskedCosine).ToArray()),
            new AnalysisColumn("decoder_cosine", rows.Select(static row => row.Edge.DecoderCosine).ToArray()),
        ]);
    }

    private static string Verdict(Dictionary<string, double> metrics, Dictionary<string, double> nulls)
    {
        string Show(IReadOnlyDictionary<string, double> from, string name, string format) =>
            from.TryGetValue(name, out var value) ? value.ToString(format, CultureInfo.InvariantCulture) : "not measured";

        return $"{Show(metrics, "share_split", "P0")} of smaller-dictionary features split into two or more, "
            + $"{Show(metrics, "share_with_parent", "P0")} of larger-dictionary features have a parent "
            + $"(neurons as parents {Show(nulls, "share_with_parent_neurons", "P0")}, random twin {Show(nulls, "share_with_parent_random_twin", "P0")}, "
            + $"shuffled tokens {Show(nulls, "share_with_parent_shuffled_tokens", "P0")}).";
    }
}
