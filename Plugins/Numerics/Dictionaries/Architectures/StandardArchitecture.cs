using System.Numerics;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries.Pairs;
using Orchestrator.Numerics.Dictionaries.Selection;
using Orchestrator.Numerics.Dictionaries.Steps;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries.Architectures;

/// <summary>The paper's: f = ReLU(z + b_enc), and the loss adds λ Σ f (Bricken et al. 2023).</summary>
internal sealed class StandardArchitecture : Architecture
{
    public const string Bias = "b_enc";

    public override string Name => DictionaryArchitecture.Standard;

    public override IReadOnlyList<FeatureVector> Vectors { get; } = [new(Bias)];

    /// <summary>The paper does not say that it begins as the decoder.</summary>
    public override EncoderStart EncoderStart => EncoderStart.Independent;

    public override string Loss(DictionaryDefinition definition) => "mean-squared-error-over-elements + λ · sum-over-features";

    public override HostRule<T> Rule<T>(HostBinding<T> binding) => new ReluRule<T>(binding);

    public override PairSelector<T> Selector<T>(HostBinding<T> binding) => ReluSelector(binding);

    public override TensorRule Rule(TensorBinding binding) => new ReluTensorRule(binding);

    public override TensorPairs Select(SparseDictionary dictionary, Tensor z) => Relu(z + dictionary.Vector(Bias));

    public static unsafe PairSelector<T> ReluSelector<T>(HostBinding<T> binding)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        new AboveThreshold<T>(binding.Vector(Bias), T.Zero);

    public static TensorPairs Relu(Tensor preActivations) => TensorSelection.Where(preActivations > 0, preActivations);
}

/// <summary>ReLU with an L1 penalty: p = d + λ / B.</summary>
internal sealed unsafe class ReluRule<T>(HostBinding<T> binding) : HostRule<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private T _penalty;

    public override PairSelector<T> Main { get; } = StandardArchitecture.ReluSelector(binding);

    public override void Begin(in StepSettings settings, int batch) => _penalty = T.CreateChecked(settings.Penalty / batch);

    public override double Backward(in PairView<T> pairs) => AddPenalty(pairs, _penalty);

    /// <summary>An L1 penalty's part of the gradient.</summary>
    /// <returns>The penalty itself.</returns>
    public static double AddPenalty(in PairView<T> pairs, T penalty)
    {
        var values = pairs.Values;
        var gradients = pairs.Gradients;
        double total = 0;
        for (var pair = 0; pair < pairs.Count; pair++)
        {
            gradients[pair] += penalty;
            total += double.CreateChecked(values[pair]);
        }

        return total * double.CreateChecked(penalty);
    }
}

/// <summary>The same in tensors.</summary>
internal sealed class ReluTensorRule(TensorBinding binding) : TensorRule
{
    private double _penalty;

    protected override long Features => binding.Dictionary.FeatureCount;

    public override void Begin(in StepSettings settings, int batch) => _penalty = settings.Penalty / batch;

    public override TensorPairs Select(Tensor z) => StandardArchitecture.Relu(z + binding.Vector(StandardArchitecture.Bias));

    public override (Tensor Gradients, Tensor? Penalty) Backward(TensorPairs pairs, Tensor gradients) =>
        (gradients + _penalty, pairs.Values.sum() * _penalty);
}
