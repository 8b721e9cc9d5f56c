using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Analyses.Statistics;

namespace Orchestrator.Analyses.FeatureSplitting;

/// <summary>All consecutive sizes and their nulls, over one stream of tokens.</summary>
internal sealed class Generations
{
    private readonly IFeatureSource[] _sizes;
    private readonly IFeatureSource _neurons;
    private readonly IFeatureSource[] _twins;
    private readonly TopTokens[] _topTokens;

    public Generations(IAnalysisContext context)
    {
        _sizes = [.. context.Dictionaries.Select(context.Features)];
        _neurons = context.Neurons(context.Dictionaries[0]);
        _topTokens = [.. _sizes.Select(static size => new TopTokens(size.FeatureCount))];
        var twins = context.NullDictionaries.Select(context.Features).ToList();
        var steps = Enumerable.Range(0, _sizes.Length - 1).ToList();
        Features = [.. steps.Select(step => new Generation(_sizes[step], _sizes[step + 1]))];
        Shuffled = [.. steps.Select(step => new Generation(_sizes[step], _sizes[step + 1]))];
        Neurons = [.. steps.Select(step => new Generation(_neurons, _sizes[step + 1]))];
        RandomTwins = twins.Count == 0
            ? []
            : [.. steps.Select(step => new Generation(_sizes[step], Nearest(twins, _sizes[step + 1].FeatureCount)))];
        _twins = [.. RandomTwins.Select(static generation => generation.Large).Distinct()];
    }

    public IReadOnlyList<Generation> Features { get; }

    /// <summary>The larger dictionary on shuffled tokens.</summary>
    public IReadOnlyList<Generation> Shuffled { get; }

    /// <summary>Neurons in place of the smaller dictionary.</summary>
    public IReadOnlyList<Generation> Neurons { get; }

    /// <summary>The random twin's dictionary in place of the larger one; empty without a twin.</summary>
    public IReadOnlyList<Generation> RandomTwins { get; }

    /// <summary>The tokens on which each feature of a size is most active.</summary>
    public TopTokens TopTokensOf(int size) => _topTokens[size];

    /// <summary>Adds a batch to every generation; each source computes its activations once.</summary>
    public void Add(TokenBatch batch, ulong seed)
    {
        var sizes = _sizes.Select(size => size.Activations(batch)).ToArray();
        var neurons = _neurons.Activations(batch);
        var twins = _twins.ToDictionary(static twin => twin, twin => twin.Activations(batch));
        var order = TokenShuffle.Order(batch.Count, seed, batch.FirstToken);
        // Each adds to sums of its own, so that they may do so at the same time.
        var work = new List<Action>();
        for (var size = 0; size < sizes.Length; size++)
        {
            var (topTokens, activations) = (_topTokens[size], sizes[size]);
            work.Add(() => topTokens.Add(activations, batch.Tokens));
        }

        for (var i = 0; i < Features.Count; i++)
        {
            var (step, small, large) = (i, sizes[i], sizes[i + 1]);
            work.Add(() => Features[step].Add(small, large));
            work.Add(() => Shuffled[step].Add(small, TokenShuffle.Reorder(large, order)));
            work.Add(() => Neurons[step].Add(neurons, large));
            if (RandomTwins.Count > 0)
            {
                work.Add(() => RandomTwins[step].Add(small, twins[RandomTwins[step].Large]));
            }
        }

        Parallel.Invoke([.. work]);
    }

    private static IFeatureSource Nearest(IReadOnlyList<IFeatureSource> sources, int featureCount) =>
        sources.MinBy(source => Math.Abs(source.FeatureCount - featureCount))!;
}
