using static TorchSharp.torch;

namespace Orchestrator.Numerics.Harvest;

/// <summary>Activation vectors of the same tokens at one or two hook points: row i of both is one token.</summary>
/// <param name="Inputs">[n, D_in].</param>
/// <param name="Targets">[n, D_out]; the same tensor as <paramref name="Inputs"/> where an input is its own target.</param>
public sealed record ActivationBatch(Tensor Inputs, Tensor Targets) : IDisposable
{
    public void Dispose()
    {
        Inputs.Dispose();
        Targets.Dispose();
    }
}
