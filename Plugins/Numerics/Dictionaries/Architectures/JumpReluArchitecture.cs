using System.Numerics;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries.Pairs;
using Orchestrator.Numerics.Dictionaries.Selection;
using Orchestrator.Numerics.Dictionaries.Steps;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries.Architectures;

/// <summary>
/// f = (z + b_enc) · H(z + b_enc − θ) with a threshold θ for each feature, and the loss adds λ₀ Σ H (Rajamanoharan et al.
/// 2024b). The step H has no gradient of its own; that of the thresholds is estimated from what lies within half the
/// bandwidth ε of them, with a rectangular kernel: ∂f/∂θ = −θ/ε and ∂H/∂θ = −1/ε there, 0 elsewhere. Where the authors move ln θ, Adam moves θ here, down to 0: from a
/// small θ its logarithm takes thousands of steps to where thresholds end.
/// </summary>
internal sealed class JumpReluArchitecture : Architecture
{
    public const string Threshold = "threshold";

    private const double InitialThreshold = 1e-3;

    public override string Name => DictionaryArchitecture.JumpRelu;

    public override IReadOnlyList<FeatureVector> Vectors { get; } =
        [new(StandardArchitecture.Bias), new(Threshold, InitialThreshold, IsNonNegative: true)];

    public override EncoderStart EncoderStart => EncoderStart.ScaledDecoder;

    public override string Loss(DictionaryDefinition definition) => "mean-squared-error-over-elements + λ₀ · number-of-active-features";

    public override HostRule<T> Rule<T>(HostBinding<T> binding) => new HostPart<T>(binding);

    public override PairSelector<T> Selector<T>(HostBinding<T> binding) => Above(binding, T.Zero);

    public override TensorRule Rule(TensorBinding binding) => new TensorPart(binding);

    public override TensorPairs Select(SparseDictionary dictionary, Tensor z)
    {
        var preActivations = z + dictionary.Vector(StandardArchitecture.Bias);
        return TensorSelection.Where(preActivations > dictionary.Vector(Threshold), preActivations);
    }

    private static unsafe PairSelector<T> Above<T>(HostBinding<T> binding, T below)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        new AboveOwnThreshold<T>(binding.Vector(StandardArchitecture.Bias), binding.Vector(Threshold), below);

    private sealed unsafe class HostPart<T> : HostRule<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly T* _threshold;
        private readonly T _bandwidth;
        private T _penalty;

        public HostPart(HostBinding<T> binding)
        {
            _threshold = binding.Vector(Threshold);
            _bandwidth = T.CreateChecked(binding.Definition.Bandwidth!.Value);
            Main = Above(binding, _bandwidth / T.CreateChecked(2));
        }

        public override PairSelector<T> Main { get; }

        /// <summary>The derivative of the loss by θ.</summary>
        public override bool HasExtras => true;

        public override void Begin(in StepSettings settings, int batch) => _penalty = T.CreateChecked(settings.Penalty / batch);

        public override double Backward(in PairView<T> pairs)
        {
            var half = _bandwidth / T.CreateChecked(2);
            var active = 0;
            for (var pair = 0; pair < pairs.Count; pair++)
            {
                var threshold = _threshold[pairs.Indices[pair]];
                var (value, gradient) = (pairs.Values[pair], pairs.Gradients[pair]);
                var isActive = value > T.Zero;
                var isNear = !isActive || value - threshold < half;
                pairs.Extras[pair] = isNear ? -((threshold * gradient) + _penalty) / _bandwidth : T.Zero;
                if (isActive) active++;
                else pairs.Gradients[pair] = T.Zero;
            }

            return active * double.CreateChecked(_penalty);
        }

        public override void VectorGradients(int feature, in PairView<T> main, in PairView<T> auxiliary, T* gradients)
        {
            gradients[0] = main.GradientSum();
            gradients[1] = T.Zero;
            for (var pair = 0; pair < main.Count; pair++) gradients[1] += main.Extras[pair];
        }
    }

    private sealed class TensorPart(TensorBinding binding) : TensorRule
    {
        private double _penalty;
        private Tensor? _thresholdGradients;    // [P]

        protected override long Features => binding.Dictionary.FeatureCount;

        private double Bandwidth => binding.Definition.Bandwidth!.Value;

        public override void Begin(in StepSettings settings, int batch) => _penalty = settings.Penalty / batch;

        public override TensorPairs Select(Tensor z)
        {
            var preActivations = z + binding.Vector(StandardArchitecture.Bias);
            var threshold = binding.Vector(Threshold);
            var pairs = TensorSelection.Where(preActivations > threshold - (Bandwidth / 2), preActivations);
            var isActive = pairs.Values > threshold.index_select(0, pairs.Features);
            return pairs with { Values = where(isActive, pairs.Values, zeros_like(pairs.Values)) };
        }

        public override (Tensor Gradients, Tensor? Penalty) Backward(TensorPairs pairs, Tensor gradients)
        {
            var threshold = binding.Vector(Threshold).index_select(0, pairs.Features);
            var isActive = pairs.Values > 0;
            var isNear = isActive.logical_not().logical_or(pairs.Values - threshold < Bandwidth / 2);
            _thresholdGradients = ((threshold * gradients) + _penalty).mul_(-1 / Bandwidth).mul_(isNear);
            return (gradients * isActive, isActive.sum().to(gradients.dtype) * _penalty);
        }

        public override Tensor[] VectorGradients((TensorPairs Pairs, Tensor Gradients) main, (TensorPairs Pairs, Tensor Gradients)? auxiliary) =>
        [
            main.Pairs.SumByFeature(main.Gradients, Features),
            main.Pairs.SumByFeature(_thresholdGradients!, Features),
        ];
    }
}
