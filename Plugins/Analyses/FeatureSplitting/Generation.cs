using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Analyses.Statistics;

namespace Orchestrator.Analyses.FeatureSplitting;

/// <summary>A source of few features beside one of more: the step from one size to the next, or its null.</summary>
internal sealed class Generation(IFeatureSource small, IFeatureSource large)
{
    private readonly MaskedCoactivations _coactivations = new(small.FeatureCount, large.FeatureCount);

    public IFeatureSource Small => small;

    public IFeatureSource Large => large;

    public void Add(SparseActivations smallActivations, SparseActivations largeActivations) =>
        _coactivations.Add(smallActivations, largeActivations);

    /// <summary>Joins the features whose masked cosine exceeds the threshold.</summary>
    public Lineage Join(double threshold, long minFirings, CancellationToken cancellationToken)
    {
        var parents = _coactivations.First.FiringAtLeast(minFirings);
        var children = _coactivations.Second.FiringAtLeast(minFirings);
        var edges = new List<Edge>();
        var best = new double[parents.Length];
        for (var p = 0; p < parents.Length; p++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var child in children)
            {
                var cosine = _coactivations.MaskedCosine(parents[p], child);
                best[p] = Math.Max(best[p], cosine);
                if (cosine > threshold)
                {
                    edges.Add(new Edge(parents[p], child, cosine, Samples.Cosine(small.Direction(parents[p]), large.Direction(child))));
                }
            }
        }

        return new Lineage(parents, children, edges, best);
    }
}
