using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries.Pairs;
using Orchestrator.Numerics.Dictionaries.Selection;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries.Architectures;

/// <summary>
/// Reads one hook point and reconstructs another, such as an MLP's output from its input: ŷ = f W_dec + b_dec, with a skip
/// + x W_skipᵀ. Sparse by an L1 penalty, or by k (Dunefsky et al. 2024; the skip: Paulo et al. 2025).
/// </summary>
internal sealed class TranscoderArchitecture : Architecture
{
    private static readonly TopKArchitecture ByK = new();
    private static readonly StandardArchitecture ByPenalty = new();

    public override string Name => DictionaryArchitecture.Transcoder;

    public override IReadOnlyList<FeatureVector> Vectors { get; } = [new(StandardArchitecture.Bias)];

    /// <summary>The two live in different spaces.</summary>
    public override bool EncoderStartsAsDecoder => false;

    public override bool HasTarget => true;

    public override string Loss(DictionaryDefinition definition) => Inner(definition).Loss(definition);

    public override HostRule<T> Rule<T>(HostBinding<T> binding) => Inner(binding.Definition).Rule(binding);

    public override PairSelector<T> Selector<T>(HostBinding<T> binding) => Inner(binding.Definition).Selector(binding);

    public override TensorRule Rule(TensorBinding binding) => Inner(binding.Definition).Rule(binding);

    public override TensorPairs Select(SparseDictionary dictionary, Tensor z) => Inner(dictionary.Definition).Select(dictionary, z);

    private static Architecture Inner(DictionaryDefinition definition) => definition.K is null ? ByPenalty : ByK;
}
