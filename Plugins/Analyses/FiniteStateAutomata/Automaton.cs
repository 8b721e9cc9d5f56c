using Orchestrator.Abstractions.Analyses.Statistics;

namespace Orchestrator.Analyses.FiniteStateAutomata;

/// <summary>A transition that was kept.</summary>
internal readonly record struct Edge(int Source, int Target, Evidence Evidence, double LiftLow);

/// <summary>The kept transitions of a source, as a graph.</summary>
/// <param name="nodeCount">Features that fire.</param>
/// <param name="edges">By source, strongest first.</param>
internal sealed class Automaton(int nodeCount, IReadOnlyList<Edge> edges)
{
    private readonly ILookup<int, Edge> _outgoing = edges.ToLookup(static edge => edge.Source);

    public IReadOnlyList<Edge> Edges => edges;

    public int NodeCount => nodeCount;

    /// <summary>Keeps the strongest edges of each feature whose evidence suffices.</summary>
    public static Automaton Of(TransitionCounts counts, int featureCount, FiniteStateAutomataOptions options, CancellationToken cancellationToken)
    {
        var nodes = Enumerable.Range(0, featureCount).Where(feature => counts.Firings(feature) > 0).ToList();
        var edges = new List<Edge>();
        foreach (var source in nodes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            edges.AddRange(counts.Followers(source, options.MinSupport)
                .Select(target => (Target: target, Evidence: counts.Of(source, target)))
                .Select(candidate => new Edge(source, candidate.Target, candidate.Evidence, candidate.Evidence.LowerBound(options.ConfidenceZ)))
                .Where(edge => edge.LiftLow > options.MinLift)
                .OrderByDescending(static edge => edge.LiftLow)
                .ThenBy(static edge => edge.Target)
                .Take(options.EdgesPerNode));
        }

        return new Automaton(nodes.Count, edges);
    }

    /// <summary>Cycles of one, two and three features, each once, starting at its lowest, strongest weakest link first.</summary>
    public IReadOnlyList<Cycle> Cycles()
    {
        var cycles = new List<Cycle>();
        foreach (var first in edges)
        {
            if (first.Target == first.Source)
            {
                cycles.Add(new Cycle([first]));
            }
            else if (first.Target > first.Source)
            {
                cycles.AddRange(LongerCycles(first));
            }
        }

        return [.. cycles.OrderByDescending(static cycle => cycle.Weakest)];
    }

    /// <summary>Strongly connected components that hold a cycle, largest first.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Components()
    {
        var selfLoops = edges.Where(static edge => edge.Source == edge.Target).Select(static edge => edge.Source).ToHashSet();
        return [.. StrongComponents.Of(feature => _outgoing[feature].Select(static edge => edge.Target), edges.Select(static edge => edge.Source).Distinct())
            .Where(component => component.Count > 1 || selfLoops.Contains(component[0]))
            .OrderByDescending(static component => component.Count)
            .ThenBy(static component => component[0])];
    }

    public Dictionary<string, double> Metrics(string suffix)
    {
        var cycles = Cycles();
        var touched = edges.SelectMany(static edge => new[] { edge.Source, edge.Target }).Distinct().Count();
        var expected = edges.Sum(static edge => edge.Evidence.Expected);
        return new Dictionary<string, double>
        {
            ["edges" + suffix] = edges.Count,
            ["self_loops" + suffix] = cycles.Count(static cycle => cycle.Edges.Count == 1),
            ["cycles" + suffix] = cycles.Count(static cycle => cycle.Edges.Count > 1),
            ["largest_component" + suffix] = Components().FirstOrDefault()?.Count ?? 0,
            ["median_lift" + suffix] = Samples.Median(edges.Select(static edge => edge.Evidence.Lift)),
            ["share_of_nodes_with_edges" + suffix] = nodeCount == 0 ? 0 : (double)touched / nodeCount,
            ["next_feature_log_lift" + suffix] = expected <= 0 ? 0 : Math.Log(edges.Sum(static edge => edge.Evidence.Support) / expected),
        };
    }

    private IEnumerable<Cycle> LongerCycles(Edge first)
    {
        foreach (var second in _outgoing[first.Target])
        {
            if (second.Target == first.Source)
            {
                yield return new Cycle([first, second]);
            }
            else if (second.Target > first.Source && second.Target != second.Source)
            {
                foreach (var third in _outgoing[second.Target].Where(third => third.Target == first.Source))
                {
                    yield return new Cycle([first, second, third]);
                }
            }
        }
    }
}

/// <summary>Edges that lead back to where they start.</summary>
internal sealed record Cycle(IReadOnlyList<Edge> Edges)
{
    /// <summary>The smallest lower bound of a lift on it.</summary>
    public double Weakest => Edges.Min(static edge => edge.LiftLow);
}
