using TorchSharp;

namespace Orchestrator.Numerics.Formats;

/// <summary>
/// Element types of safetensors: all of whole bytes, so that a file opens whatever else it holds. Those of TorchSharp
/// become tensors.
/// </summary>
public enum SafetensorsType
{
    F32,
    F64,
    F16,
    BF16,
    I64,
    I32,
    U8,
    I16,
    I8,
    BOOL,
    U64,
    U32,
    U16,
    F8_E4M3,
    F8_E5M2,
}

internal static class SafetensorsTypes
{
    public static int Size(this SafetensorsType type) => type switch
    {
        SafetensorsType.F64 or SafetensorsType.I64 or SafetensorsType.U64 => 8,
        SafetensorsType.F32 or SafetensorsType.I32 or SafetensorsType.U32 => 4,
        SafetensorsType.F16 or SafetensorsType.BF16 or SafetensorsType.I16 or SafetensorsType.U16 => 2,
        _ => 1,
    };

    /// <summary>The type of a tensor of it; null: TorchSharp has none.</summary>
    public static torch.ScalarType? ToTorch(this SafetensorsType type) => type switch
    {
        SafetensorsType.F64 => torch.ScalarType.Float64,
        SafetensorsType.F32 => torch.ScalarType.Float32,
        SafetensorsType.F16 => torch.ScalarType.Float16,
        SafetensorsType.BF16 => torch.ScalarType.BFloat16,
        SafetensorsType.I64 => torch.ScalarType.Int64,
        SafetensorsType.I32 => torch.ScalarType.Int32,
        SafetensorsType.I16 => torch.ScalarType.Int16,
        SafetensorsType.I8 => torch.ScalarType.Int8,
        SafetensorsType.U8 => torch.ScalarType.Byte,
        SafetensorsType.BOOL => torch.ScalarType.Bool,
        _ => null,
    };

    /// <exception cref="ArgumentException">Safetensors files do not hold that type.</exception>
    public static SafetensorsType FromTorch(torch.ScalarType type)
    {
        foreach (var known in Enum.GetValues<SafetensorsType>())
        {
            if (known.ToTorch() == type)
                return known;
        }

        throw new ArgumentException($"Tensors of type {type} cannot be written.", nameof(type));
    }
}
