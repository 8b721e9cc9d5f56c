using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries.Selection;
using Orchestrator.Numerics.Dictionaries.Steps;

namespace Orchestrator.Numerics.Dictionaries.Architectures;

/// <summary>
/// AuxK (Gao et al. 2024): the k_aux largest pre-activations of dead features reconstruct what the active ones leave.
/// </summary>
internal sealed unsafe class DeadFeatures<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly HostBinding<T> _binding;
    private readonly AuxKDefinition _definition;
    private readonly T* _bias;
    private readonly T[] _deadBias;      // b where a feature is dead, else −∞
    private readonly LargestOfToken<T> _selector;

    private DeadFeatures(HostBinding<T> binding, AuxKDefinition definition)
    {
        (_binding, _definition) = (binding, definition);
        _bias = binding.Vector(StandardArchitecture.Bias);
        _deadBias = GC.AllocateUninitializedArray<T>(binding.FeatureCount, pinned: true);
        _selector = new LargestOfToken<T>(
            definition.FeaturesFor(binding.Dictionary.OutputDim), (T*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_deadBias)),
            binding.FeatureCount, binding.BatchSize, binding.TokensPerSegment);
        Loss = new AuxiliaryLoss(definition.Coefficient, IsOfResidual: true);
    }

    public AuxiliaryLoss Loss { get; }

    /// <summary>Null while no feature is dead.</summary>
    public PairSelector<T>? Selector { get; private set; }

    /// <summary>Null where the definition has no such loss.</summary>
    public static DeadFeatures<T>? Of(HostBinding<T> binding) =>
        binding.Definition.AuxK is { Coefficient: > 0 } definition ? new(binding, definition) : null;

    public void Begin(in StepSettings settings)
    {
        var after = _definition.DeadAfterSteps(_binding.Definition.BatchSize);
        var any = false;
        for (var feature = 0; feature < _deadBias.Length; feature++)
        {
            var isDead = settings.Number - 1 - _binding.LastFired[feature] >= after;
            _deadBias[feature] = isDead ? _bias[feature] : T.NegativeInfinity;
            any |= isDead;
        }

        Selector = any ? _selector : null;
    }
}
