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
    /// <summary>Metrics over several generations together: ratios of sums.</summary>
    public static Dictionary<string, double> Metrics(IReadOnlyList<Lineage> lineages, string suffix)
    {
        var parents = Math.Max(1, lineages.Sum(static lineage => lineage.Parents.Length));
        var children = Math.Max(1, lineages.Sum(static lineage => lineage.Children.Length));
        var broods = lineages.SelectMany(static lineage => lineage.Edges.CountBy(static edge => edge.From)).ToList();
        var edges = lineages.Sum(static lineage => lineage.Edges.Count);
        return new Dictionary<string, double>
        {
            ["mean_children" + suffix] = (double)edges / parents,
            ["share_with_parent" + suffix] = (double)lineages.Sum(static lineage => lineage.Edges.DistinctBy(static edge => edge.To).Count()) / children,
            ["share_split" + suffix] = (double)broods.Count(static brood => brood.Value >= 2) / parents,
            ["share_without_counterpart" + suffix] = 1 - (double)broods.Count / parents,
            ["median_best_masked_cosine" + suffix] = Samples.Median(lineages.SelectMany(static lineage => lineage.BestCosines)),
            ["median_edge_decoder_cosine" + suffix] = Samples.Median(lineages.SelectMany(static lineage => lineage.Edges).Select(static edge => edge.DecoderCosine)),
            ["edges" + suffix] = edges,
        };
    }

    /// <summary>Whether anything could have been joined.</summary>
    public bool IsEmpty => Parents.Length == 0 || Children.Length == 0;
}
