using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Tensors;

/// <summary>The elements of tensors as spans and arrays of this process.</summary>
public static class HostMemory
{
    /// <summary>
    /// The memory of a contiguous float32 tensor on the CPU, without a copy: valid while the tensor lives.
    /// </summary>
    /// <exception cref="ArgumentException">The tensor is elsewhere, strided, of another type, or beyond 2 GiB.</exception>
    public static Span<float> Singles(Tensor tensor) => View<float>(tensor, ScalarType.Float32);

    /// <summary>The memory of a contiguous int64 tensor on the CPU, without a copy: valid while the tensor lives.</summary>
    /// <exception cref="ArgumentException">The tensor is elsewhere, strided, of another type, or beyond 2 GiB.</exception>
    public static Span<long> Longs(Tensor tensor) => View<long>(tensor, ScalarType.Int64);

    /// <summary>A copy of any float32 tensor's elements in row-major order.</summary>
    public static float[] ToSingles(Tensor tensor)
    {
        Shape.RequireType(tensor, ScalarType.Float32);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        return Singles(tensor.detach().cpu().contiguous()).ToArray();
    }

    /// <summary>A new tensor on the device with these elements in row-major order; the caller disposes.</summary>
    /// <exception cref="ArgumentException">The number of elements is not the product of the shape.</exception>
    public static Tensor ToTensor(ReadOnlySpan<float> values, ReadOnlySpan<long> shape, Device device)
    {
        var host = empty(shape, ScalarType.Float32, CPU);
        return Filled(host, values, Singles(host), device);
    }

    /// <summary>A new int64 tensor on the device with these elements in row-major order; the caller disposes.</summary>
    /// <exception cref="ArgumentException">The number of elements is not the product of the shape.</exception>
    public static Tensor ToTensor(ReadOnlySpan<long> values, ReadOnlySpan<long> shape, Device device)
    {
        var host = empty(shape, ScalarType.Int64, CPU);
        return Filled(host, values, Longs(host), device);
    }

    /// <summary>The tensor of the host on the device, in place of the one given.</summary>
    internal static Tensor MovedTo(Device device, Tensor host)
    {
        if (device.type == DeviceType.CPU)
            return host;
        var there = host.to(device);
        host.Dispose();
        return there;
    }

    private static Tensor Filled<T>(Tensor host, ReadOnlySpan<T> values, Span<T> memory, Device device)
    {
        if (values.Length != memory.Length)
        {
            var message = $"{values.Length} elements do not fill the shape [{string.Join(", ", host.shape)}].";
            host.Dispose();
            throw new ArgumentException(message, nameof(values));
        }

        values.CopyTo(memory);
        return MovedTo(device, host);
    }

    private static Span<T> View<T>(Tensor tensor, ScalarType type)
        where T : unmanaged
    {
        Shape.RequireType(tensor, type);
        if (tensor.device_type != DeviceType.CPU || !tensor.is_contiguous())
            throw new ArgumentException("Only a contiguous tensor on the CPU can be read in place.", nameof(tensor));
        if (tensor.numel() * tensor.element_size() > int.MaxValue)
            throw new ArgumentException($"{tensor.numel()} elements are more than one span holds.", nameof(tensor));
        return tensor.numel() == 0 ? [] : MemoryMarshal.Cast<byte, T>(tensor.bytes);
    }
}
