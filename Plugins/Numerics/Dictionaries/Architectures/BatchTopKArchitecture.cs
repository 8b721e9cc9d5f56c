using System.Numerics;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries.Pairs;
using Orchestrator.Numerics.Dictionaries.Selection;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries.Architectures;

/// <summary>
/// f = the k B largest of ReLU(z + b_enc) in a batch of B tokens, with an auxiliary loss for dead features. At inference,
/// where a token must not depend on its neighbours, a threshold: the running mean of what was the smallest activation
/// selected in training (Bussmann et al. 2024).
/// </summary>
internal sealed class BatchTopKArchitecture : Architecture
{
    /// <summary>Share of the newest batch in the running mean.</summary>
    public const double Newest = 0.01;

    public override string Name => DictionaryArchitecture.BatchTopK;

    public override IReadOnlyList<FeatureVector> Vectors { get; } = [new(StandardArchitecture.Bias)];

    public override bool HasThreshold => true;

    public override string Loss(DictionaryDefinition definition) =>
        TopKArchitecture.LossWith(definition, "mean-squared-error-over-elements");

    public override HostRule<T> Rule<T>(HostBinding<T> binding) => new BatchRule<T>(binding, LargestOfBatch(binding), groups: null);

    public override PairSelector<T> Selector<T>(HostBinding<T> binding) => AboveMeanThreshold(binding);

    public override TensorRule Rule(TensorBinding binding) => new BatchTensorRule(binding, groups: null);

    public override TensorPairs Select(SparseDictionary dictionary, Tensor z) => AboveMeanThreshold(dictionary, z);

    public static unsafe LargestOfBatch<T> LargestOfBatch<T>(HostBinding<T> binding)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        new(binding.Definition.K!.Value, binding.Vector(StandardArchitecture.Bias), binding.FeatureCount, binding.Segments, binding.TokensPerSegment);

    public static unsafe PairSelector<T> AboveMeanThreshold<T>(HostBinding<T> binding)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        new AboveThreshold<T>(binding.Vector(StandardArchitecture.Bias), T.CreateChecked(binding.Dictionary.Threshold));

    public static TensorPairs AboveMeanThreshold(SparseDictionary dictionary, Tensor z)
    {
        var preActivations = z + dictionary.Vector(StandardArchitecture.Bias);
        return TensorSelection.Where(preActivations > dictionary.Threshold, preActivations);
    }
}

/// <summary>Selection by rank in a batch, and the running mean of the threshold.</summary>
internal sealed class BatchRule<T>(HostBinding<T> binding, LargestOfBatch<T> selector, IReadOnlyList<int>? groups)
    : KRule<T>(binding, selector)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly SparseDictionary _dictionary = binding.Dictionary;

    public override IReadOnlyList<int>? Groups => groups;

    public override void End() => _dictionary.MoveThreshold(double.CreateChecked(selector.LowestSelected), BatchTopKArchitecture.Newest);
}

/// <summary>The same in tensors.</summary>
internal sealed class BatchTensorRule(TensorBinding binding, IReadOnlyList<int>? groups) : KTensorRule(binding, (_, _) => throw new InvalidOperationException())
{
    private readonly TensorBinding _binding = binding;
    private double _lowest;

    public override IReadOnlyList<int>? Groups => groups;

    public override TensorPairs Select(Tensor z)
    {
        var preActivations = z + _binding.Vector(StandardArchitecture.Bias);
        var pairs = TensorSelection.LargestOfBatch(preActivations, checked(_binding.Definition.K!.Value * (int)z.shape[0]));
        _lowest = pairs.Count == 0 ? 0 : pairs.Values.min().to(ScalarType.Float64).item<double>();
        return pairs;
    }

    public override void End() => _binding.Dictionary.MoveThreshold(_lowest, BatchTopKArchitecture.Newest);
}
