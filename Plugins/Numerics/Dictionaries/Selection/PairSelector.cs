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

    /// <summary>Active features of a token, on the mean, where a rank decides; else 0.</summary>
    public virtual int PerToken => 0;

    /// <summary>Begins a batch.</summary>
    public virtual void Begin(int batch)
    {
    }

    /// <summary>Looks at one token's pre-activations of a block of features.</summary>
    /// <param name="z">Raw pre-activations, [count]; or upper bounds of them.</param>
    /// <param name="slack">
    /// Of bounds: what they may exceed the exact values by, but for <see cref="HalfScreen.ResultError"/> (of the value), twice.
    /// 0: z is exact.
    /// </param>
    /// <param name="first">Feature of the first one.</param>
    /// <param name="count">Features.</param>
    /// <param name="segment">Number of the token's segment.</param>
    /// <param name="token">The token in the batch.</param>
    /// <param name="pairs">Where active pairs go, ascending; has room for <paramref name="count"/> more.</param>
    public abstract void Scan(T* z, T slack, int first, int count, int segment, int token, PairBuffer<T> pairs);

    /// <summary>
    /// Whether a feature that <see cref="Scan"/> took on a bound is active by its exact pre-activation. Not for selectors that
    /// rank.
    /// </summary>
    /// <param name="z">Raw pre-activation.</param>
    /// <param name="value">Its activation.</param>
    public virtual bool Admits(int feature, T z, out T value) => throw new InvalidOperationException("This selector ranks.");

    /// <summary>Called between blocks, on one thread.</summary>
    public virtual void EndBlock()
    {
    }

    /// <summary>
    /// Replaces the bounds that a segment's candidates were taken on by exact pre-activations. Only for selectors that rank;
    /// before <see cref="Rank"/>.
    /// </summary>
    public virtual void Refine(int segment, ExactProducts<T> exact) => throw new InvalidOperationException("This selector tells at once.");

    /// <summary>Called after the last block, on one thread.</summary>
    public virtual void Rank()
    {
    }

    /// <summary>Appends the active pairs of one token, ascending; tokens of a segment come in order.</summary>
    public virtual void Emit(int segment, int token, PairBuffer<T> pairs) =>
        throw new InvalidOperationException("This selector tells at once.");
}

/// <summary>Computes raw pre-activations of one token exactly.</summary>
/// <param name="token">The token in the batch.</param>
/// <param name="features">[count].</param>
/// <param name="z">Gets them, [count].</param>
internal unsafe delegate void ExactProducts<T>(int token, int* features, int count, T* z)
    where T : unmanaged;
