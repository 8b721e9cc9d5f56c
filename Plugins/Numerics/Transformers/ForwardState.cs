using Orchestrator.Abstractions;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Transformers;

/// <summary>
/// A forward pass halted at a hook point, from which it can be finished several times with different activations.
/// </summary>
/// <param name="HookPoint">Where it halted.</param>
/// <param name="Activations">The true activations there, [B, T, D].</param>
/// <param name="Residual">
/// The stream that what follows from the activations is added to, [B, T, d]; null where they are the stream itself.
/// </param>
/// <param name="Inputs">
/// The activations at the hook point that was asked for beside, [B, T, D_in]; the same tensor as
/// <paramref name="Activations"/> where none was.
/// </param>
public sealed record ForwardState(HookPoint HookPoint, Tensor Activations, Tensor? Residual, Tensor Inputs) : IDisposable
{
    public void Dispose()
    {
        Residual?.Dispose();
        Activations.Dispose();
        Inputs.Dispose();
    }
}
