using TorchSharp;

namespace Orchestrator.Numerics.Formats;

/// <summary>Element types of safetensors that are read and written here.</summary>
public enum SafetensorsType
{
    F32,
    F64,
    F16,
    BF16,
    I64,
    I32,
    U8,
}

internal static class SafetensorsTypes
{
    public static int Size(this SafetensorsType type) => type switch
    {
        SafetensorsType.F64 or SafetensorsType.I64 => 8,
        SafetensorsType.F32 or SafetensorsType.I32 => 4,
        SafetensorsType.F16 or SafetensorsType.BF16 => 2,
        _ => 1,
    };

    public static torch.ScalarType ToTorch(this SafetensorsType type) => type switch
    {
        SafetensorsType.F64 => torch.ScalarType.Float64,
        SafetensorsType.F32 => torch.ScalarType.Float32,
        SafetensorsType.F16 => torch.ScalarType.Float16,
        SafetensorsType.BF16 => torch.ScalarType.BFloat16,
        SafetensorsType.I64 => torch.ScalarType.Int64,
        SafetensorsType.I32 => torch.ScalarType.Int32,
        _ => torch.ScalarType.Byte,
    };

    /// <exception cref="ArgumentException">Safetensors files written here do not hold that type.</exception>
    public static SafetensorsType FromTorch(torch.ScalarType type) => type switch
    {
        torch.ScalarType.Float64 => SafetensorsType.F64,
        torch.ScalarType.Float32 => SafetensorsType.F32,
        torch.ScalarType.Float16 => SafetensorsType.F16,
        torch.ScalarType.BFloat16 => SafetensorsType.BF16,
        torch.ScalarType.Int64 => SafetensorsType.I64,
        torch.ScalarType.Int32 => SafetensorsType.I32,
        torch.ScalarType.Byte => SafetensorsType.U8,
        _ => throw new ArgumentException($"Tensors of type {type} cannot be written.", nameof(type)),
    };
}
