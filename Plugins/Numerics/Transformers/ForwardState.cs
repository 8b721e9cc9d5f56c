using static TorchSharp.torch;

namespace Orchestrator.Numerics.Transformers;

/// <summary>
/// A forward pass halted at <c>blocks.0.mlp.hook_post</c>, from which it can be finished several times with different
/// activations.
/// </summary>
/// <param name="Residual">The residual stream in front of the MLP's output, [B, T, d].</param>
/// <param name="Activations">The true activations, [B, T, d_mlp].</param>
public sealed record ForwardState(Tensor Residual, Tensor Activations) : IDisposable
{
    public void Dispose()
    {
        Residual.Dispose();
        Activations.Dispose();
    }
}
