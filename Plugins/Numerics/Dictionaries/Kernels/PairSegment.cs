using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Orchestrator.Numerics.Dictionaries.Kernels;

/// <summary>
/// The active (token, feature) pairs of some neighbouring tokens, in token order. The arrays are pinned, grow when they
/// must and are used again at every step.
/// </summary>
internal sealed unsafe class PairSegment(int tokens)
{
    private int[] _features = [];
    private float[] _values = [];
    private float[] _gradients = [];

    /// <summary>Pairs so far.</summary>
    public int Count { get; private set; }

    /// <summary>Number of pairs of each token.</summary>
    public int[] TokenCounts { get; } = new int[tokens];

    public ReadOnlySpan<int> Features => _features.AsSpan(0, Count);

    public ReadOnlySpan<float> Values => _values.AsSpan(0, Count);

    /// <summary>Derivative of the loss by each pair's pre-activation.</summary>
    public ReadOnlySpan<float> Gradients => _gradients.AsSpan(0, Count);

    public int* FeaturePointer => (int*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_features));

    public float* ValuePointer => (float*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_values));

    public float* GradientPointer => (float*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_gradients));

    public void Clear() => Count = 0;

    /// <summary>Appends the active features of one token.</summary>
    /// <returns>Where its pairs begin.</returns>
    public int Append(int token, float* preActivations, float* bias, int featureCount)
    {
        var start = Count;
        Reserve(start + featureCount);
        var found = RowKernels.Positives(
            preActivations, bias, featureCount, FeaturePointer + start, ValuePointer + start);
        TokenCounts[token] = found;
        Count += found;
        return start;
    }

    private void Reserve(int capacity)
    {
        if (_features.Length >= capacity) return;
        var size = Math.Max(capacity, (int)Math.Min(Array.MaxLength, _features.Length * 3L / 2));
        _features = Grow(_features, size);
        _values = Grow(_values, size);
        _gradients = Grow(_gradients, size);
    }

    private T[] Grow<T>(T[] old, int size) where T : unmanaged
    {
        var grown = GC.AllocateUninitializedArray<T>(size, pinned: true);
        old.AsSpan(0, Count).CopyTo(grown);
        return grown;
    }
}
