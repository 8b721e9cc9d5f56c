using static TorchSharp.torch;

namespace Orchestrator.Numerics.Transformers;

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter 2019) over flat memory: one pass per operation for all
/// parameters together. The decay applies to the leading range of the layout, the matrices.
/// </summary>
internal sealed class AdamW : IDisposable
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.98;
    private const double Epsilon = 1e-8;

    private readonly ParameterSet _parameters;
    private readonly double _weightDecay;
    private readonly Tensor _scratch;

    public AdamW(ParameterSet parameters, double weightDecay)
    {
        _parameters = parameters;
        _weightDecay = weightDecay;
        FirstMoment = zeros_like(parameters.Flat).DetachFromDisposeScope();
        SecondMoment = zeros_like(parameters.Flat).DetachFromDisposeScope();
        _scratch = empty_like(parameters.Flat).DetachFromDisposeScope();
    }

    public Tensor FirstMoment { get; }

    public Tensor SecondMoment { get; }

    /// <summary>Updates the parameters in place.</summary>
    /// <param name="gradient">Flat, in the parameters' layout.</param>
    /// <param name="learningRate">Of this step.</param>
    /// <param name="step">1 for the first.</param>
    public void Step(Tensor gradient, double learningRate, long step)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        FirstMoment.mul_(Beta1).add_(gradient, 1 - Beta1);
        SecondMoment.mul_(Beta2).addcmul_(gradient, gradient, 1 - Beta2);

        // The bias corrections go into the rate and epsilon, which saves two passes.
        var correction = Math.Sqrt(1 - Math.Pow(Beta2, step));
        var rate = learningRate * correction / (1 - Math.Pow(Beta1, step));
        _scratch.copy_(SecondMoment).sqrt_().add_(Epsilon * correction);
        _parameters.Flat.narrow(0, 0, _parameters.Layout.MatrixElements).mul_(1 - (learningRate * _weightDecay));
        _parameters.Flat.addcdiv_(FirstMoment, _scratch, -rate);
    }

    public void Dispose()
    {
        FirstMoment.Dispose();
        SecondMoment.Dispose();
        _scratch.Dispose();
    }
}
