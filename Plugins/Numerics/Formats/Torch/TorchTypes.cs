using static TorchSharp.torch;

namespace Orchestrator.Numerics.Formats.Torch;

/// <summary>The element types of archives that are read: PyTorch's name, its class of storage, and the size.</summary>
internal static class TorchTypes
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<(ScalarType Type, string Name, string Storage)> All { get; } =
    [
        (ScalarType.Float32, "float32", "FloatStorage"),
        (ScalarType.Float64, "float64", "DoubleStorage"),
        (ScalarType.Float16, "float16", "HalfStorage"),
        (ScalarType.BFloat16, "bfloat16", "BFloat16Storage"),
        (ScalarType.Int64, "int64", "LongStorage"),
        (ScalarType.Int32, "int32", "IntStorage"),
        (ScalarType.Int16, "int16", "ShortStorage"),
        (ScalarType.Int8, "int8", "CharStorage"),
        (ScalarType.Byte, "uint8", "ByteStorage"),
        (ScalarType.Bool, "bool", "BoolStorage"),
    ];

    /// <summary>PyTorch's name of the type.</summary>
    public static string PythonName(this ScalarType type) => All.First(known => known.Type == type).Name;

    public static bool IsFloatingPoint(this ScalarType type) =>
        type is ScalarType.Float64 or ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16;

    /// <summary>Bytes of an element.</summary>
    public static int ElementSize(this ScalarType type) => type switch
    {
        ScalarType.Float64 or ScalarType.Int64 => 8,
        ScalarType.Float32 or ScalarType.Int32 => 4,
        ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Int16 => 2,
        _ => 1,
    };
}
