using System.Numerics;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries.Pairs;
using Orchestrator.Numerics.Dictionaries.Selection;
using Orchestrator.Numerics.Dictionaries.Steps;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries.Architectures;

/// <summary>
/// f = 1[π &gt; 0] · ReLU(exp(r_mag) z + b_mag) with the gate π = z + b_gate. The gate learns from an L1 penalty λ Σ ReLU(π)
/// and from reconstructing with ReLU(π) through a frozen copy of the decoder and its bias (Rajamanoharan et al. 2024a).
/// </summary>
internal sealed class GatedArchitecture : Architecture
{
    public const string GateBias = "b_gate";
    public const string MagnitudeBias = "b_mag";
    public const string MagnitudeScale = "r_mag";

    private static readonly AuxiliaryLoss GateLoss = new(Coefficient: 1, IsOfResidual: false);

    public override string Name => DictionaryArchitecture.Gated;

    public override IReadOnlyList<FeatureVector> Vectors { get; } = [new(GateBias), new(MagnitudeBias), new(MagnitudeScale)];

    public override EncoderStart EncoderStart => EncoderStart.ScaledDecoder;

    public override string Loss(DictionaryDefinition definition) =>
        "mean-squared-error-over-elements + λ · sum-over-gates + mean-squared-error-over-elements-by-gates";

    public override HostRule<T> Rule<T>(HostBinding<T> binding) => new HostPart<T>(binding);

    public override PairSelector<T> Selector<T>(HostBinding<T> binding) => OpenGate(binding);

    public override TensorRule Rule(TensorBinding binding) => new TensorPart(binding);

    public override TensorPairs Select(SparseDictionary dictionary, Tensor z) => Open(dictionary, z);

    private static TensorPairs Open(SparseDictionary dictionary, Tensor z)
    {
        var magnitude = (z * dictionary.Vector(MagnitudeScale).exp()).add_(dictionary.Vector(MagnitudeBias));
        var isOpen = (z + dictionary.Vector(GateBias) > 0).logical_and_(magnitude > 0);
        return TensorSelection.Where(isOpen, magnitude);
    }

    private static unsafe OpenGate<T> OpenGate<T>(HostBinding<T> binding)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        new(binding.Vector(GateBias), binding.Vector(MagnitudeScale), binding.Vector(MagnitudeBias), binding.FeatureCount);

    private sealed unsafe class HostPart<T> : HostRule<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly OpenGate<T> _gate;
        private readonly T* _magnitudeBias;
        private T _penalty;

        public HostPart(HostBinding<T> binding)
        {
            _gate = OpenGate(binding);
            _magnitudeBias = binding.Vector(MagnitudeBias);
            Auxiliary = new AboveThreshold<T>(binding.Vector(GateBias), T.Zero);
        }

        public override PairSelector<T> Main => _gate;

        public override PairSelector<T>? Auxiliary { get; }

        public override AuxiliaryLoss? AuxiliaryLoss => GateLoss;

        public override void Begin(in StepSettings settings, int batch) => _penalty = T.CreateChecked(settings.Penalty / batch);

        public override double Backward(in PairView<T> pairs)
        {
            for (var pair = 0; pair < pairs.Count; pair++) pairs.Gradients[pair] *= _gate.Scale[pairs.Indices[pair]];
            return 0;
        }

        public override double BackwardAuxiliary(in PairView<T> pairs) => ReluRule<T>.AddPenalty(pairs, _penalty);

        public override void VectorGradients(int feature, in PairView<T> main, in PairView<T> auxiliary, T* gradients)
        {
            var (scale, bias) = (_gate.Scale[feature], _magnitudeBias[feature]);
            var (sum, weighted) = (T.Zero, T.Zero);
            for (var pair = 0; pair < main.Count; pair++)
            {
                var byMagnitude = main.Gradients[pair] / scale;
                sum += byMagnitude;
                weighted += byMagnitude * (main.Values[pair] - bias);
            }

            (gradients[0], gradients[1], gradients[2]) = (auxiliary.GradientSum(), sum, weighted);
        }
    }

    private sealed class TensorPart(TensorBinding binding) : TensorRule
    {
        private double _penalty;

        public override AuxiliaryLoss? AuxiliaryLoss => GateLoss;

        protected override long Features => binding.Dictionary.FeatureCount;

        public override void Begin(in StepSettings settings, int batch) => _penalty = settings.Penalty / batch;

        public override TensorPairs Select(Tensor z) => Open(binding.Dictionary, z);

        public override TensorPairs SelectAuxiliary(Tensor z) => StandardArchitecture.Relu(z + binding.Vector(GateBias));

        public override (Tensor Gradients, Tensor? Penalty) Backward(TensorPairs pairs, Tensor gradients) =>
            (gradients * binding.Vector(MagnitudeScale).exp().index_select(0, pairs.Features), null);

        public override (Tensor Gradients, Tensor? Penalty) BackwardAuxiliary(TensorPairs pairs, Tensor gradients) =>
            (gradients + _penalty, pairs.Values.sum() * _penalty);

        public override Tensor[] VectorGradients((TensorPairs Pairs, Tensor Gradients) main, (TensorPairs Pairs, Tensor Gradients)? auxiliary)
        {
            var pairs = main.Pairs;
            var byMagnitude = main.Gradients / binding.Vector(MagnitudeScale).exp().index_select(0, pairs.Features);
            var withoutBias = pairs.Values - binding.Vector(MagnitudeBias).index_select(0, pairs.Features);
            return
            [
                auxiliary!.Value.Pairs.SumByFeature(auxiliary.Value.Gradients, Features),
                pairs.SumByFeature(byMagnitude, Features),
                pairs.SumByFeature(byMagnitude * withoutBias, Features),
            ];
        }
    }
}
