using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Orchestrator.Numerics.Dictionaries.Pairs;

/// <summary>Columns of pairs that grow when they must and are used again at every step. Pinned: addresses hold until they grow.</summary>
/// <param name="hasExtras">Whether there is a fourth column.</param>
internal sealed unsafe class PairBuffer<T>(bool hasExtras)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private int[] _indices = [];
    private T[] _values = [];
    private T[] _gradients = [];
    private T[] _extras = [];

    /// <summary>Pairs in use.</summary>
    public int Count { get; set; }

    public bool HasExtras => hasExtras;

    public int Capacity => _indices.Length;

    public int* Indices => Address(_indices);

    public T* Values => Address(_values);

    public T* Gradients => Address(_gradients);

    /// <summary>Null where there is no such column.</summary>
    public T* Extras => hasExtras ? Address(_extras) : null;

    /// <summary>Some neighbouring pairs.</summary>
    public PairView<T> View(int start, int count) =>
        new(count, Indices + start, Values + start, Gradients + start, hasExtras ? Extras + start : null);

    /// <summary>Makes room for pairs in all; what is in use stays.</summary>
    public void Reserve(int capacity)
    {
        if (_indices.Length >= capacity) return;
        var size = Math.Max(capacity, (int)Math.Min(Array.MaxLength, _indices.Length * 3L / 2));
        _indices = Grow(_indices, size);
        _values = Grow(_values, size);
        _gradients = Grow(_gradients, size);
        if (hasExtras) _extras = Grow(_extras, size);
    }

    private static TElement* Address<TElement>(TElement[] array)
        where TElement : unmanaged =>
        (TElement*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array));

    private TElement[] Grow<TElement>(TElement[] old, int size)
        where TElement : unmanaged
    {
        var grown = GC.AllocateUninitializedArray<TElement>(size, pinned: true);
        old.AsSpan(0, Count).CopyTo(grown);
        return grown;
    }
}
