using Orchestrator.Abstractions.Analyses.Statistics;

namespace Orchestrator.Analyses.FeatureSplitting;

/// <summary>A smaller dictionary's feature joined to a larger one's.</summary>
internal readonly record struct Edge(int From, int To, double MaskedCosine, double DecoderCosine);

/// <summary>What became of one generation's features.</summary>
/// <param name="Parents">Features of the smaller source that fire often enough.</param>
/// <param name="Children">Features of the larger source that fire often enough.</param>
/// <param name="Edges">Joined pairs, by parent, then child.</param>
/// <param name="BestCosines">Of each parent, whether joined or not.</param>
internal sealed record Lineage(int[] Parents, int[] Children, IReadOnlyList<Edge> Edges, double[] BestCosines)
{
    /// <summary>
    /// Of each child, the edge to the parent whose direction it keeps best. A child is joined to several parents where
    /// these are alike themselves; counted for each of them, nearly every parent would seem to split.
    /// </summary>
    public IReadOnlyList<Edge> Descent { get; } =
        [.. Edges.GroupBy(static edge => edge.To).Select(static parents => parents.MaxBy(static edge => (edge.DecoderCosine, edge.MaskedCosine, -edge.From)))];

    /// <summary>Metrics over several generations together: ratios of sums.</summary>
    public static Dictionary<string, double> Metrics(IReadOnlyList<Lineage> lineages, string suffix)
    {
        var parents = Math.Max(1, lineages.Sum(static lineage => lineage.Parents.Length));
        var children = Math.Max(1, lineages.Sum(static lineage => lineage.Children.Length));
        var broods = lineages.SelectMany(static lineage => lineage.Descent.CountBy(static edge => edge.From)).ToList();
        var joined = lineages.Sum(static lineage => lineage.Edges.DistinctBy(static edge => edge.From).Count());
        var descendants = lineages.Sum(static lineage => lineage.Descent.Count);
        var edges = lineages.Sum(static lineage => lineage.Edges.Count);
        return new Dictionary<string, double>
        {
            ["mean_children" + suffix] = (double)descendants / parents,
            ["share_with_parent" + suffix] = (double)descendants / children,
            ["share_split" + suffix] = (double)broods.Count(static brood => brood.Value >= 2) / parents,
            ["share_without_counterpart" + suffix] = 1 - (double)joined / parents,
            ["median_best_masked_cosine" + suffix] = Samples.Median(lineages.SelectMany(static lineage => lineage.BestCosines)),
            ["median_edge_decoder_cosine" + suffix] = Samples.Median(lineages.SelectMany(static lineage => lineage.Edges).Select(static edge => edge.DecoderCosine)),
            ["edges" + suffix] = edges,
        };
    }

    /// <summary>Whether anything could have been joined.</summary>
    public bool IsEmpty => Parents.Length == 0 || Children.Length == 0;
}
