using System.Numerics;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries.Pairs;
using Orchestrator.Numerics.Dictionaries.Selection;
using Orchestrator.Numerics.Dictionaries.Steps;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries.Architectures;

/// <summary>
/// f = the k largest of ReLU(z + b_enc) on each token, with an auxiliary loss for dead features (Gao et al. 2024).
/// </summary>
internal sealed class TopKArchitecture : Architecture
{
    public override string Name => DictionaryArchitecture.TopK;

    public override IReadOnlyList<FeatureVector> Vectors { get; } = [new(StandardArchitecture.Bias)];

    public override string Loss(DictionaryDefinition definition) => LossWith(definition, "mean-squared-error-over-elements");

    public override HostRule<T> Rule<T>(HostBinding<T> binding) => new KRule<T>(binding, LargestOfToken(binding));

    public override PairSelector<T> Selector<T>(HostBinding<T> binding) => LargestOfToken(binding);

    public override TensorRule Rule(TensorBinding binding) => new KTensorRule(binding, Select);

    public override TensorPairs Select(SparseDictionary dictionary, Tensor z) =>
        TensorSelection.LargestOfToken(z + dictionary.Vector(StandardArchitecture.Bias), dictionary.Definition.K!.Value);

    /// <summary>The name of a loss with the part of dead features, where there is one.</summary>
    public static string LossWith(DictionaryDefinition definition, string error) => definition.AuxK is { Coefficient: > 0 }
        ? $"{error} + α · mean-squared-error-of-residual-by-dead-features"
        : error;

    private static unsafe LargestOfToken<T> LargestOfToken<T>(HostBinding<T> binding)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        new(binding.Definition.K!.Value, binding.Vector(StandardArchitecture.Bias), binding.FeatureCount, binding.BatchSize, binding.TokensPerSegment);
}

/// <summary>Selection by rank: p = d; dead features reconstruct the residual.</summary>
internal class KRule<T>(HostBinding<T> binding, PairSelector<T> selector) : HostRule<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly DeadFeatures<T>? _dead = DeadFeatures<T>.Of(binding);

    public override PairSelector<T> Main => selector;

    public override PairSelector<T>? Auxiliary => _dead?.Selector;

    public override AuxiliaryLoss? AuxiliaryLoss => _dead?.Loss;

    public override void Begin(in StepSettings settings, int batch) => _dead?.Begin(settings);
}

/// <summary>The same in tensors.</summary>
internal class KTensorRule(TensorBinding binding, Func<SparseDictionary, Tensor, TensorPairs> select) : TensorRule
{
    private long _step;

    public override AuxiliaryLoss? AuxiliaryLoss { get; } =
        binding.Definition.AuxK is { Coefficient: > 0 } definition ? new(definition.Coefficient, IsOfResidual: true) : null;

    protected override long Features => binding.Dictionary.FeatureCount;

    public override void Begin(in StepSettings settings, int batch) => _step = settings.Number;

    public override TensorPairs Select(Tensor z) => select(binding.Dictionary, z);

    public override TensorPairs? SelectAuxiliary(Tensor z)
    {
        if (binding.Definition.AuxK is not { Coefficient: > 0 } auxK) return null;
        var isDead = binding.State.LastFired <= _step - 1 - auxK.DeadAfterSteps(binding.Definition.BatchSize);   // [F]
        var dead = isDead.nonzero().squeeze(1);                                                                // [dead]
        if (dead.shape[0] == 0) return null;
        var values = z.index_select(1, dead) + binding.Vector(StandardArchitecture.Bias).index_select(0, dead);   // [B, dead]
        var pairs = TensorSelection.LargestOfToken(values, auxK.FeaturesFor(binding.Dictionary.OutputDim));
        return pairs with { Features = dead.index_select(0, pairs.Features) };
    }
}
