using static TorchSharp.torch;

namespace Orchestrator.Numerics.Transformers;

/// <summary>What a model predicts as it is, and with other activations at a hook point, token by token.</summary>
/// <param name="OriginalLosses">Next-token negative log-likelihoods of the untouched model in nats, [B, T − 1].</param>
/// <param name="Spliced">With each of the replacements, in their order.</param>
public sealed record SplicedPredictions(Tensor OriginalLosses, IReadOnlyList<SplicedTokens> Spliced) : IDisposable
{
    public void Dispose()
    {
        OriginalLosses.Dispose();
        foreach (var spliced in Spliced) spliced.Dispose();
    }
}
