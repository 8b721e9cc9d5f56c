using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Orchestrator.Numerics.Dictionaries.Pairs;

namespace Orchestrator.Numerics.Dictionaries.Selection;

/// <summary>
/// The k largest positive pre-activations z + b of each token; ties go to the lower feature. A token keeps up to 2 k
/// candidates; whenever they are full, the k-th largest so far becomes the bound that others must exceed.
/// </summary>
internal sealed unsafe class LargestOfToken<T> : PairSelector<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly int _k;
    private readonly T* _bias;
    private readonly int _room;
    private readonly T[] _values;           // [batch, room]
    private readonly int[] _features;       // [batch, room]
    private readonly int[] _counts;
    private readonly T[] _bounds;

    /// <param name="k">Features of a token at most.</param>
    /// <param name="bias">b, [F]; −∞ for a feature that may not be chosen.</param>
    /// <param name="featureCount">F.</param>
    /// <param name="batchSize">Tokens of a batch at most.</param>
    public LargestOfToken(int k, T* bias, int featureCount, int batchSize)
    {
        _k = Math.Min(k, featureCount);
        _bias = bias;
        _room = Math.Min(featureCount, Math.Max(2 * _k, _k + Vector512<T>.Count));
        _values = GC.AllocateUninitializedArray<T>(batchSize * _room, pinned: true);
        _features = GC.AllocateUninitializedArray<int>(batchSize * _room, pinned: true);
        _counts = new int[batchSize];
        _bounds = new T[batchSize];
    }

    public override bool Ranks => true;

    public override void Begin(int batch)
    {
        Array.Clear(_counts, 0, batch);
        Array.Clear(_bounds, 0, batch);
    }

    public override void Scan(T* z, int first, int count, int segment, int token, PairBuffer<T> pairs)
    {
        var b = _bias + first;
        var values = Values(token);
        var features = Features(token);
        var (held, bound) = (_counts[token], _bounds[token]);
        var i = 0;
        for (; i <= count - Vector512<T>.Count; i += Vector512<T>.Count)
        {
            var sum = Vector512.Load(z + i) + Vector512.Load(b + i);
            var mask = Vector512.GreaterThan(sum, Vector512.Create(bound)).ExtractMostSignificantBits();
            for (; mask != 0; mask &= mask - 1)
            {
                var at = i + BitOperations.TrailingZeroCount(mask);
                Offer(z[at] + b[at], first + at, values, features, ref held, ref bound);
            }
        }

        for (; i < count; i++) Offer(z[i] + b[i], first + i, values, features, ref held, ref bound);
        (_counts[token], _bounds[token]) = (held, bound);
    }

    public override void Emit(int segment, int token, PairBuffer<T> pairs)
    {
        var values = Values(token);
        var features = Features(token);
        var held = _counts[token];
        if (held > _k)
        {
            Largest<T>.MoveToFront(values, features, held, _k);
            held = _k;
        }

        new Span<int>(features, held).Sort(new Span<T>(values, held));
        pairs.Reserve(pairs.Count + held);
        new Span<int>(features, held).CopyTo(new Span<int>(pairs.Indices + pairs.Count, held));
        new Span<T>(values, held).CopyTo(new Span<T>(pairs.Values + pairs.Count, held));
        pairs.Count += held;
    }

    private void Offer(T value, int feature, T* values, int* features, ref int held, ref T bound)
    {
        if (!(value > bound)) return;
        values[held] = value;
        features[held++] = feature;
        if (held < _room || held == _k) return;

        // Whatever comes later has a higher feature, so that it must be greater than the k-th largest, not equal.
        Largest<T>.MoveToFront(values, features, held, _k);
        held = _k;
        bound = Largest<T>.Smallest(values, _k);
    }

    /// <summary>A token's candidates.</summary>
    private T* Values(int token) => (T*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_values)) + ((nint)token * _room);

    private int* Features(int token) => (int*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_features)) + ((nint)token * _room);
}
