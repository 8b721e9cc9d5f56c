using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Analyses.Statistics;

namespace Orchestrator.Analyses.Universality;

/// <summary>One source held against another: the features, or one of their nulls.</summary>
/// <param name="name">For people and for figures.</param>
/// <param name="suffix">Ends the names of null metrics; empty for the features themselves.</param>
/// <param name="first">Each of its features looks for its best match …</param>
/// <param name="second">… among the features of this one.</param>
internal sealed class Comparison(string name, string suffix, IFeatureSource first, IFeatureSource second)
{
    private readonly Coactivations _coactivations = new(first.FeatureCount, second.FeatureCount);

    public string Name => name;

    public string Suffix => suffix;

    public IFeatureSource First => first;

    public IFeatureSource Second => second;

    public void Add(SparseActivations firstActivations, SparseActivations secondActivations) =>
        _coactivations.Add(firstActivations, secondActivations);

    /// <summary>The best match of each feature that fires often enough.</summary>
    public MatchSet Match(long minFirings, CancellationToken cancellationToken)
    {
        var compared = _coactivations.First.FiringAtLeast(minFirings);
        var candidates = _coactivations.Second.FiringAtLeast(minFirings);
        var matches = new List<Match>();
        if (candidates.Length > 0)
        {
            foreach (var feature in compared)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var (best, correlation) = _coactivations.BestMatch(feature, candidates);
                var logits = Samples.Pearson(first.LogitWeights(feature), second.LogitWeights(best));
                matches.Add(new Match(feature, best, correlation, logits, _coactivations.First.Density(feature)));
            }
        }

        var dead = _coactivations.First.DeadCount();
        return new MatchSet(name, suffix, matches, dead, first.FeatureCount - dead - compared.Length);
    }
}
