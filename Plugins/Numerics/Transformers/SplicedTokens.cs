using static TorchSharp.torch;

namespace Orchestrator.Numerics.Transformers;

/// <summary>What a model predicts with other activations at a hook point, token by token.</summary>
/// <param name="Losses">Next-token negative log-likelihoods in nats, [B, T − 1]; entry (b, t) is the loss of token t + 1.</param>
/// <param name="Divergences">
/// KL(original ‖ spliced) in nats at the same positions, [B, T − 1]: Σ p_original (ln p_original − ln p_spliced) over the
/// vocabulary.
/// </param>
public sealed record SplicedTokens(Tensor Losses, Tensor Divergences) : IDisposable
{
    public void Dispose()
    {
        Losses.Dispose();
        Divergences.Dispose();
    }
}
