using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Analyses;
using Orchestrator.Numerics.Tensors;
using Orchestrator.Numerics.Transformers;
using static TorchSharp.torch;

namespace Orchestrator.Silo.Plugins;

/// <summary>
/// A model whose activations of the newest batch are kept, so that sources at the same hook point share a forward pass.
/// Owns the model.
/// </summary>
internal sealed class HookedModel(Transformer transformer) : IDisposable
{
    private readonly Dictionary<HookPoint, Tensor> _activations = [];
    private TokenBatch? _batch;

    public Transformer Transformer => transformer;

    /// <summary>Activations at a hook point, [tokens, D]; valid until another batch is asked for.</summary>
    /// <exception cref="ArgumentException">A token is outside the model's vocabulary.</exception>
    public Tensor Activations(TokenBatch batch, HookPoint hookPoint)
    {
        if (!ReferenceEquals(batch, _batch))
        {
            Forget();
        }

        if (_activations.TryGetValue(hookPoint, out var known))
        {
            return known;
        }

        using var scope = NewDisposeScope();
        var tokens = HostMemory.ToTensor(Array.ConvertAll(batch.Tokens, Require), [batch.Contexts, batch.Length], transformer.Device);
        var activations = transformer.HookActivations(tokens, hookPoint).view(batch.Count, -1).DetachFromDisposeScope();
        _activations.Add(hookPoint, activations);
        _batch = batch;
        return activations;
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
        foreach (var activations in _activations.Values)
        {
            activations.Dispose();
        }

        _activations.Clear();
        _batch = null;
    }
}
