using System.Numerics;
using Orchestrator.Numerics.Dictionaries.Pairs;

namespace Orchestrator.Numerics.Dictionaries.Selection;

/// <summary>
/// Decides on the CPU which features are active on which tokens. It sees raw pre-activations, (x − b_dec) · w_i without
/// any bias, block of features by block of features; tokens of different segments may come on different threads at once.
/// </summary>
internal abstract unsafe class PairSelector<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>
    /// Whether it must have seen all features before it can tell: then <see cref="Scan"/> appends nothing, and
    /// <see cref="Emit"/> does.
    /// </summary>
    public virtual bool Ranks => false;

    /// <summary>Begins a batch.</summary>
    public virtual void Begin(int batch)
    {
    }

    /// <summary>Looks at one token's pre-activations of a block of features.</summary>
    /// <param name="z">Raw pre-activations, [count].</param>
    /// <param name="first">Feature of the first one.</param>
    /// <param name="count">Features.</param>
    /// <param name="segment">Number of the token's segment.</param>
    /// <param name="token">The token in the batch.</param>
    /// <param name="pairs">Where active pairs go, ascending; has room for <paramref name="count"/> more.</param>
    public abstract void Scan(T* z, int first, int count, int segment, int token, PairBuffer<T> pairs);

    /// <summary>Called between blocks, on one thread.</summary>
    public virtual void EndBlock()
    {
    }

    /// <summary>Called after the last block, on one thread.</summary>
    public virtual void Rank()
    {
    }

    /// <summary>Appends the active pairs of one token, ascending; tokens of a segment come in order.</summary>
    public virtual void Emit(int segment, int token, PairBuffer<T> pairs) =>
        throw new InvalidOperationException("This selector tells at once.");
}
