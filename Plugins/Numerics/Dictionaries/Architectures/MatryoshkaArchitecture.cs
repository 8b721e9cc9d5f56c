using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries.Pairs;
using Orchestrator.Numerics.Dictionaries.Selection;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries.Architectures;

/// <summary>
/// Selection as in <c>batch-top-k</c>; leading groups of the features each reconstruct alone, and the loss is the mean of
/// their errors, so that the first ones learn what is general (Bussmann et al. 2025).
/// </summary>
internal sealed class MatryoshkaArchitecture : Architecture
{
    public override string Name => DictionaryArchitecture.Matryoshka;

    public override IReadOnlyList<FeatureVector> Vectors { get; } = [new(StandardArchitecture.Bias)];

    public override bool HasThreshold => true;

    public override string Loss(DictionaryDefinition definition) =>
        TopKArchitecture.LossWith(definition, "mean-over-groups-of-mean-squared-error-over-elements");

    public override HostRule<T> Rule<T>(HostBinding<T> binding) =>
        new BatchRule<T>(binding, BatchTopKArchitecture.LargestOfBatch(binding), GroupEnds(binding.Definition));

    public override PairSelector<T> Selector<T>(HostBinding<T> binding) => BatchTopKArchitecture.AboveMeanThreshold(binding);

    public override TensorRule Rule(TensorBinding binding) => new BatchTensorRule(binding, GroupEnds(binding.Definition));

    public override TensorPairs Select(SparseDictionary dictionary, Tensor z) => BatchTopKArchitecture.AboveMeanThreshold(dictionary, z);

    /// <summary>Where the groups end: the fractions of the features rounded up, none of them empty.</summary>
    public static IReadOnlyList<int> GroupEnds(DictionaryDefinition definition)
    {
        var ends = definition.GroupFractions!.Select(fraction => Math.Min(definition.FeatureCount, (int)Math.Ceiling(fraction * definition.FeatureCount)));
        return [.. ends.Distinct()];
    }
}
