using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries.Pairs;
using Orchestrator.Numerics.Dictionaries.Selection;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries.Architectures;

/// <summary>
/// Reads one hook point and reconstructs another, such as an MLP's output from its input: ŷ = f W_dec + b_dec, with a skip
/// + x W_skipᵀ. Sparse as another architecture is: by an L1 penalty, by k, or by thresholds (Dunefsky et al. 2024; the skip:
/// Paulo et al. 2025).
/// </summary>
/// <param name="inner">What decides f given z.</param>
internal sealed class TranscoderArchitecture(Architecture inner) : Architecture
{
    private static readonly TranscoderArchitecture ByPenalty = new(new StandardArchitecture());
    private static readonly TranscoderArchitecture ByK = new(new TopKArchitecture());
    private static readonly TranscoderArchitecture ByThresholds = new(new JumpReluArchitecture());

    public override string Name => DictionaryArchitecture.Transcoder;

    public override IReadOnlyList<FeatureVector> Vectors => inner.Vectors;

    /// <summary>The two live in different spaces.</summary>
    public override EncoderStart EncoderStart => EncoderStart.Independent;

    public override bool HasTarget => true;

    /// <summary>The one that such a definition means.</summary>
    public static TranscoderArchitecture For(DictionaryDefinition definition) =>
        definition.K is not null ? ByK : definition.HasThresholds is true ? ByThresholds : ByPenalty;

    public override string Loss(DictionaryDefinition definition) => inner.Loss(definition);

    public override HostRule<T> Rule<T>(HostBinding<T> binding) => inner.Rule(binding);

    public override PairSelector<T> Selector<T>(HostBinding<T> binding) => inner.Selector(binding);

    public override TensorRule Rule(TensorBinding binding) => inner.Rule(binding);

    public override TensorPairs Select(SparseDictionary dictionary, Tensor z) => inner.Select(dictionary, z);
}
