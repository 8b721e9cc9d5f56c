using Orchestrator.Numerics.Formats.Torch.Pickle;
using Orchestrator.Numerics.Formats.Torch.Zip;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Formats.Torch;

/// <summary>
/// A tensor as it stands in the pickle: a strided view into a record. Every element lies inside the record; lengths are in
/// elements.
/// </summary>
internal sealed class TorchView : PickleObject
{
    private const int MaxDimensions = 64;

    // A view that repeats elements (stride 0) can be larger than its file: up to this many elements.
    private const long MaxRepeated = 1 << 24;

    private TorchView(StoredRecord record, ScalarType type, long offset, long[] shape, long[] strides)
    {
        Record = record;
        Type = type;
        Offset = offset;
        Shape = shape;
        Strides = strides;
        Count = shape.Aggregate(1L, (count, extent) => count * extent);
        Reach = Count == 0 ? 0 : 1 + shape.Zip(strides).Sum(axis => (axis.First - 1) * axis.Second);
        IsContiguous = HasRowMajorStrides(shape, strides);
    }

    public StoredRecord Record { get; }

    public ScalarType Type { get; }

    /// <summary>The first element.</summary>
    public long Offset { get; }

    public long[] Shape { get; }

    public long[] Strides { get; }

    public long Count { get; }

    /// <summary>From the first to the last element, both included.</summary>
    public long Reach { get; }

    /// <summary>The elements lie one behind the other in row-major order.</summary>
    public bool IsContiguous { get; }

    public override string Kind => "a tensor";

    /// <exception cref="InvalidDataException">An element would lie outside the record, or there would be too many.</exception>
    public static TorchView Create(
        StoredRecord record, ScalarType type, long offset, long[] shape, long[] strides, PickleSite site)
    {
        if (shape.Length > MaxDimensions)
            throw site.Invalid($"a tensor has {shape.Length} dimensions, more than {MaxDimensions}");
        if (shape.Length != strides.Length)
            throw site.Invalid($"a tensor has {shape.Length} dimensions, but {strides.Length} strides");
        return Problem(record.Length / type.ElementSize(), type.ElementSize(), offset, shape, strides) is { } problem
            ? throw site.Invalid($"the tensor of shape [{string.Join(", ", shape)}], strides [{string.Join(", ", strides)}] and offset {offset} {problem}")
            : new TorchView(record, type, shape.Contains(0) ? 0 : offset, shape, strides);
    }

    private static string? Problem(long capacity, int size, long offset, long[] shape, long[] strides)
    {
        try
        {
            // libtorch computes strides of empty tensors too, as if each extent of 0 were 1, and must not overflow in that.
            var count = shape.Aggregate(1L, (product, extent) => checked(product * Math.Max(1, extent)));
            _ = checked(count * size);
            if (shape.Contains(0))
                return null;
            var last = shape.Zip(strides).Aggregate(offset, (sum, axis) => checked(sum + ((axis.First - 1) * axis.Second)));
            if (last >= capacity)
                return $"ends at element {last} of a storage that has {capacity}";
            return count > Math.Max(capacity, MaxRepeated)
                ? $"repeats the {capacity} elements of its storage to {count}, more than {MaxRepeated}"
                : null;
        }
        catch (OverflowException)
        {
            return "overflows";
        }
    }

    private static bool HasRowMajorStrides(long[] shape, long[] strides)
    {
        if (shape.Contains(0))
            return true;
        long expected = 1;
        for (var axis = shape.Length - 1; axis >= 0; axis--)
        {
            // The stride of one single element is never used.
            if (shape[axis] != 1 && strides[axis] != expected)
                return false;
            expected *= shape[axis];
        }

        return true;
    }
}
