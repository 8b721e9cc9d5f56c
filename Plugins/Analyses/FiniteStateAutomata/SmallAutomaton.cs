namespace Orchestrator.Analyses.FiniteStateAutomata;

/// <summary>A few features, each of which leads to every other along strong edges.</summary>
/// <param name="Features">In reading order: most edges lead to the next one, few lead back.</param>
/// <param name="Edges">Among the features, strongest first.</param>
internal sealed record SmallAutomaton(IReadOnlyList<int> Features, IReadOnlyList<Edge> Edges)
{
    // All orders of the features are tried: 5,040 for seven.
    private const int MostFeatures = 7;
    private const int FewestFeatures = 3;
    private const double ThresholdStep = 0.9;

    /// <summary>The log-lift that a walk through all features gains on its weakest link.</summary>
    public double Evidence => Features.Count * Math.Log(Edges.Min(static edge => edge.LiftLow));

    /// <summary>
    /// Those with the most evidence. All edges together join most features into one component; with only the edges above
    /// a threshold it falls apart. As the threshold sinks components merge, and each is taken when it is as large as it
    /// may be.
    /// </summary>
    public static IReadOnlyList<SmallAutomaton> Of(IReadOnlyList<Edge> edges, int count)
    {
        var ordered = edges.OrderByDescending(static edge => edge.LiftLow).ThenBy(static edge => edge.Source).ThenBy(static edge => edge.Target).ToList();
        var found = new List<SmallAutomaton>();
        if (ordered.Count == 0)
        {
            return found;
        }

        var weakest = ordered[^1].LiftLow;
        for (var threshold = ordered[0].LiftLow; ; threshold = Math.Max(weakest, threshold * ThresholdStep))
        {
            var strong = ordered.TakeWhile(edge => edge.LiftLow >= threshold).ToList();
            foreach (var component in Components(strong).Where(static component => component.Count is >= FewestFeatures and <= MostFeatures))
            {
                found.RemoveAll(smaller => component.Contains(smaller.Features[0]));
                found.Add(new SmallAutomaton([.. component], [.. strong.Where(edge => component.Contains(edge.Source) && component.Contains(edge.Target))]));
            }

            if (threshold <= weakest)
            {
                break;
            }
        }

        return [.. found
            .OrderByDescending(static automaton => automaton.Evidence)
            .ThenBy(static automaton => automaton.Features[0])
            .Take(count)
            .Select(static automaton => automaton with { Features = ReadingOrder(automaton) })];
    }

    private static IEnumerable<HashSet<int>> Components(IReadOnlyList<Edge> edges)
    {
        var outgoing = edges.ToLookup(static edge => edge.Source, static edge => edge.Target);
        return StrongComponents.Of(feature => outgoing[feature], edges.Select(static edge => edge.Source).Distinct())
            .Select(static component => component.ToHashSet());
    }

    /// <summary>The order whose edges lead down and not far, the strong ones above all; the first of equals.</summary>
    private static int[] ReadingOrder(SmallAutomaton automaton)
    {
        int[] features = [.. automaton.Features.Order()];
        var (best, lowest) = (features, double.PositiveInfinity);
        foreach (var order in Permutations(features, 0))
        {
            var cost = automaton.Edges.Sum(edge => Detour(order, edge) * Math.Log(1 + edge.LiftLow));
            if (cost < lowest - 1e-9)
            {
                (best, lowest) = ([.. order], cost);
            }
        }

        return best;
    }

    private static double Detour(int[] order, Edge edge)
    {
        var span = Array.IndexOf(order, edge.Target) - Array.IndexOf(order, edge.Source);
        return span > 0 ? span - 1 : 1 - span;
    }

    // In place: each is valid until the next is asked for.
    private static IEnumerable<int[]> Permutations(int[] items, int from)
    {
        if (from == items.Length)
        {
            yield return items;
            yield break;
        }

        for (var i = from; i < items.Length; i++)
        {
            (items[from], items[i]) = (items[i], items[from]);
            foreach (var permutation in Permutations(items, from + 1))
            {
                yield return permutation;
            }

            (items[from], items[i]) = (items[i], items[from]);
        }
    }
}
