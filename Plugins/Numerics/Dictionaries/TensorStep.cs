using Orchestrator.Numerics.Dictionaries.Kernels;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries;

/// <summary>The same step in libtorch's operations, for devices other than the CPU. Nothing is read back from the device.</summary>
internal sealed class TensorStep(SparseDictionary dictionary, OptimiserState state) : IDictionaryStep
{
    // Mean squared error, penalty and L0, summed over steps.
    private readonly Tensor _deviceSums = zeros(3, ScalarType.Float64, dictionary.Device).DetachFromDisposeScope();
    private long _steps;

    public void Run(Tensor x, long step, double l1Coefficient, in AdamStep adam)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var batch = x.shape[0];
        var centred = x - dictionary.DecoderBias;                                                   // [B, D]
        var f = centred.mm(dictionary.EncoderWeight.t()).add_(dictionary.EncoderBias).relu_();      // [B, F]
        var active = f > 0;
        var error = addmm(dictionary.DecoderBias, f, dictionary.DecoderWeight, 1, 1).sub_(x);             // [B, D]
        AddSums(error.square().mean(), f.sum() * (l1Coefficient / batch), active.sum().to(ScalarType.Float64) / (double)batch);
        var g = error.mul_(2.0 / ((double)batch * dictionary.ActivationDim));                       // [B, D]
        var p = g.mm(dictionary.DecoderWeight.t()).add_(l1Coefficient / batch).mul_(active);        // [B, F]
        var biasGradient = p.sum(dim: 0L);                                                          // [F]
        var decoderGradient = f.t().mm(g);                                                          // [F, D]
        var encoderGradient = p.t().mm(centred);                                                    // [F, D]
        var preBiasGradient = g.sum(dim: 0L) - dictionary.EncoderWeight.t().mv(biasGradient);       // [D]
        var parallel = (decoderGradient * dictionary.DecoderWeight).sum(dim: 1L, keepdim: true);    // [F, 1]
        decoderGradient.sub_(parallel * dictionary.DecoderWeight);
        Update(dictionary.EncoderWeight, state.Encoder, encoderGradient, adam);
        Update(dictionary.DecoderWeight, state.Decoder, decoderGradient, adam);
        Update(dictionary.EncoderBias, state.EncoderBias, biasGradient, adam);
        Update(dictionary.DecoderBias, state.DecoderBias, preBiasGradient, adam);
        dictionary.DecoderWeight.div_(dictionary.DecoderWeight.square().sum(dim: 1L, keepdim: true).sqrt_());
        state.LastFired.masked_fill_(active.any(0L), step);
    }

    public void Collect(StepSums sums)
    {
        using var scope = NewDisposeScope();
        var read = _deviceSums.cpu().data<double>().ToArray();
        sums.Steps += _steps;
        sums.SquaredError += read[0];
        sums.Loss += read[0] + read[1];
        sums.L0 += read[2];
        _deviceSums.zero_();
        _steps = 0;
    }

    public void Dispose() => _deviceSums.Dispose();

    private static void Update(Tensor parameter, Moments moments, Tensor gradient, in AdamStep adam)
    {
        moments.First.mul_(adam.Beta1).add_(gradient, 1 - adam.Beta1);
        moments.Second.mul_(adam.Beta2).addcmul_(gradient, gradient, 1 - adam.Beta2);
        var root = moments.Second.sqrt().mul_(adam.InverseRootCorrection).add_(adam.Epsilon);
        parameter.addcdiv_(moments.First, root, -adam.Size);
    }

    private void AddSums(params Tensor[] numbers)
    {
        _deviceSums.add_(stack(Array.ConvertAll(numbers, number => number.to(ScalarType.Float64))));
        _steps++;
    }
}
