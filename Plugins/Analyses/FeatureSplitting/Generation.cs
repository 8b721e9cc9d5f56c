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

    /// <summary>
    /// Joins the features whose masked cosine and whose decoder cosine both exceed their thresholds. The first alone, the
    /// paper's, also joins features that merely fire on the same tokens: in a small dictionary that is almost every pair
    /// with a dense one, and the nulls are joined just as well. What splits also keeps writing in nearly its direction.
    /// </summary>
    public Lineage Join(FeatureSplittingOptions options, CancellationToken cancellationToken)
    {
        var parents = _coactivations.First.FiringAtLeast(options.MinFirings);
        var children = _coactivations.Second.FiringAtLeast(options.MinFirings);
        var edges = new List<Edge>();
        var best = new double[parents.Length];
        for (var p = 0; p < parents.Length; p++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var child in children)
            {
                var cosine = _coactivations.MaskedCosine(parents[p], child);
                best[p] = Math.Max(best[p], cosine);
                if (cosine <= options.Threshold)
                {
                    continue;
                }

                var decoderCosine = Samples.Cosine(small.Direction(parents[p]), large.Direction(child));
                if (decoderCosine > options.MinDecoderCosine)
                {
                    edges.Add(new Edge(parents[p], child, cosine, decoderCosine));
                }
            }
        }

        return new Lineage(parents, children, edges, best);
    }
}
