using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Orchestrator.Bench.Dictionaries;

/// <summary>The baseline: the paper's method as one writes it in PyTorch, by automatic differentiation over dense tensors.</summary>
internal sealed class AutogradStep : IDisposable
{
    private readonly Parameter _encoderWeight;   // [D, F]
    private readonly Parameter _decoderWeight;   // [F, D]
    private readonly Parameter _encoderBias;     // [F]
    private readonly Parameter _decoderBias;     // [D]
    private readonly optim.Optimizer _adam;
    private readonly double _l1Coefficient;

    public AutogradStep(Tensor encoderWeight, Tensor decoderWeight, Tensor encoderBias, Tensor decoderBias, double l1Coefficient, double learningRate)
    {
        _encoderWeight = new Parameter(encoderWeight.t().contiguous().clone());
        _decoderWeight = new Parameter(decoderWeight.clone());
        _encoderBias = new Parameter(encoderBias.clone());
        _decoderBias = new Parameter(decoderBias.clone());
        _adam = optim.Adam([_encoderWeight, _decoderWeight, _encoderBias, _decoderBias], learningRate);
        _l1Coefficient = l1Coefficient;
    }

    public void Step(Tensor x)
    {
        using var scope = NewDisposeScope();
        _adam.zero_grad();
        var f = nn.functional.relu((x - _decoderBias).mm(_encoderWeight) + _encoderBias);
        var error = f.mm(_decoderWeight) + _decoderBias - x;
        var loss = error.square().mean() + (f.sum(dim: 1L).mean() * _l1Coefficient);
        loss.backward();
        using (no_grad())
        {
            var gradient = _decoderWeight.grad!;
            gradient.sub_((gradient * _decoderWeight).sum(dim: 1L, keepdim: true) * _decoderWeight);
        }

        _adam.step();
        using (no_grad()) _decoderWeight.div_(_decoderWeight.norm(1, keepdim: true));
    }

    public void Dispose()
    {
        _adam.Dispose();
        _encoderWeight.Dispose();
        _decoderWeight.Dispose();
        _encoderBias.Dispose();
        _decoderBias.Dispose();
    }
}
