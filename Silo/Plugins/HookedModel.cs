using Orchestrator.Abstractions.Analyses;
using Orchestrator.Numerics.Tensors;
using Orchestrator.Numerics.Transformers;
using static TorchSharp.torch;

namespace Orchestrator.Silo.Plugins;

/// <summary>
/// A model whose activations of the newest batch are kept, so that every source of it shares one forward pass.
/// Owns the model.
/// </summary>
internal sealed class HookedModel(Transformer transformer) : IDisposable
{
    private TokenBatch? _batch;
    private Tensor? _activations;

    public Transformer Transformer => transformer;

    /// <summary>Activations at the hook point, [tokens, D]; valid until another batch is asked for.</summary>
    /// <exception cref="ArgumentException">A token is outside the model's vocabulary.</exception>
    public Tensor Activations(TokenBatch batch)
    {
        if (ReferenceEquals(batch, _batch))
        {
            return _activations!;
        }

        Forget();
        using var scope = NewDisposeScope();
        var tokens = HostMemory.ToTensor(Array.ConvertAll(batch.Tokens, Require), [batch.Contexts, batch.Length], transformer.Device);
        _activations = transformer.HookActivations(tokens).view(batch.Count, transformer.ActivationDim).DetachFromDisposeScope();
        _batch = batch;
        return _activations;
    }

    public void Dispose()
    {
        Forget();
        transformer.Dispose();
    }

    // An index beyond the embedding would end the process in the native code of a GPU.
    private long Require(int token) => (uint)token < (uint)transformer.VocabularySize
        ? token
        : throw new ArgumentException($"Token {token} lies outside the model's vocabulary of {transformer.VocabularySize}.");

    private void Forget()
    {
        _activations?.Dispose();
        (_activations, _batch) = (null, null);
    }
}
