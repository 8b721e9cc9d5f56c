namespace Orchestrator.Analyses.FeatureSplitting;

/// <summary>A feature of some size and what it split into, nearest first.</summary>
internal sealed record SplittingTree(int Size, int Feature, double DecoderCosine, IReadOnlyList<SplittingTree> Children)
{
    /// <summary>Features of the tree that were reached, this one included.</summary>
    public int Count => 1 + Children.Sum(static child => child.Count);

    /// <summary>
    /// The largest trees that start at the smallest dictionary. What was found is a graph, where a feature may have
    /// several parents (paper, "Splitting"): here each goes to the parent whose direction it keeps best.
    /// </summary>
    public static IReadOnlyList<SplittingTree> Largest(IReadOnlyList<Lineage> lineages, int count)
    {
        var broods = lineages
            .Select(static lineage => lineage.Descent.ToLookup(static edge => edge.From))
            .ToList();
        return [.. lineages[0].Parents
            .Select(feature => Grow(broods, 0, feature, 1))
            .Where(static tree => tree.Children.Count >= 2)
            .OrderByDescending(static tree => tree.Count)
            .ThenBy(static tree => tree.Feature)
            .Take(count)];
    }

    private static SplittingTree Grow(IReadOnlyList<ILookup<int, Edge>> broods, int size, int feature, double cosine) => new(
        size,
        feature,
        cosine,
        size == broods.Count
            ? []
            : [.. broods[size][feature]
                .OrderByDescending(static edge => edge.DecoderCosine)
                .ThenBy(static edge => edge.To)
                .Select(edge => Grow(broods, size + 1, edge.To, edge.DecoderCosine))]);
}
