using TorchSharp;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries;

/// <summary>The memory of tensors on the CPU. A pointer lives as long as its tensor.</summary>
internal static unsafe class HostPointer
{
    /// <param name="tensor">Contiguous float32 on the CPU, in native memory that does not move.</param>
    public static float* Floats(Tensor tensor) => (float*)Address(tensor, ScalarType.Float32);

    /// <param name="tensor">Contiguous int64 on the CPU.</param>
    public static long* Longs(Tensor tensor) => (long*)Address(tensor, ScalarType.Int64);

    private static byte* Address(Tensor tensor, ScalarType type)
    {
        if (tensor.device_type != DeviceType.CPU || tensor.dtype != type || !tensor.is_contiguous())
            throw new ArgumentException($"A contiguous {type} tensor on the CPU is needed; found {tensor}.", nameof(tensor));
        fixed (byte* address = tensor.bytes) return address;
    }
}
