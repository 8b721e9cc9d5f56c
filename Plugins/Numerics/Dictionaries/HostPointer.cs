using System.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries;

/// <summary>The memory of tensors on the CPU. A pointer lives as long as its tensor.</summary>
internal static unsafe class HostPointer
{
    /// <param name="tensor">Contiguous float32 (or float64) on the CPU, in native memory that does not move.</param>
    public static T* To<T>(Tensor tensor)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        (T*)Address(tensor, TypeOf<T>());

    /// <param name="tensor">Contiguous int64 on the CPU.</param>
    public static long* Longs(Tensor tensor) => (long*)Address(tensor, ScalarType.Int64);

    /// <param name="tensor">Contiguous bfloat16 on the CPU.</param>
    public static ushort* Halves(Tensor tensor) => (ushort*)Address(tensor, ScalarType.BFloat16);

    /// <summary>libtorch's name for a type of number.</summary>
    public static ScalarType TypeOf<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        typeof(T) == typeof(float) ? ScalarType.Float32 : ScalarType.Float64;

    private static byte* Address(Tensor tensor, ScalarType type)
    {
        if (tensor.device_type != DeviceType.CPU || tensor.dtype != type || !tensor.is_contiguous())
            throw new ArgumentException($"A contiguous {type} tensor on the CPU is needed; found {tensor}.", nameof(tensor));
        // Of one element: a span of all would not hold more than 2 GiB.
        using var first = tensor.view(-1).narrow(0, 0, Math.Min(1, tensor.numel()));
        fixed (byte* address = first.bytes) return address;
    }
}
