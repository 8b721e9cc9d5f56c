using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Formats;

/// <summary>
/// Floating-point elements of other widths as float32. float16 and bfloat16 widen exactly; float64 is rounded to the
/// nearest, ties to even, and what would round to an infinity is refused.
/// </summary>
internal static class SinglePrecision
{
    /// <summary>Fills the span with a tensor's bytes from that one on.</summary>
    public delegate void PieceReader(Span<byte> destination, long start);

    public const string Sources = "float32, float16, bfloat16 or float64";

    public static bool Converts(ScalarType type) =>
        type is ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float64;

    /// <summary>All elements of a tensor, taken piece by piece.</summary>
    /// <param name="type">A type that converts.</param>
    /// <param name="count">Elements in all.</param>
    /// <param name="read">Fills its span from that byte of the tensor on.</param>
    /// <returns>The elements; or instead the first float64 that is finite but beyond float32.</returns>
    public static (float[] Singles, double? Beyond) Collect(ScalarType type, int count, PieceReader read)
    {
        var singles = new float[count];
        var size = Size(type);
        var buffer = type == ScalarType.Float32 ? [] : new byte[Math.Min(ElementFile.PieceBytes, (long)count * size)];
        for (long start = 0; start < count; start += ElementFile.PieceBytes / size)
        {
            var piece = singles.AsSpan((int)start, (int)Math.Min(ElementFile.PieceBytes / size, count - start));
            var source = type == ScalarType.Float32 ? MemoryMarshal.AsBytes(piece) : buffer.AsSpan(0, piece.Length * size);
            read(source, start * size);
            if (type != ScalarType.Float32 && Convert(type, source, piece) is { } beyond)
                return ([], beyond);
        }

        return (singles, null);
    }

    private static int Size(ScalarType type) => type switch
    {
        ScalarType.Float64 => 8,
        ScalarType.Float32 => 4,
        _ => 2,
    };

    private static double? Convert(ScalarType type, ReadOnlySpan<byte> source, Span<float> destination)
    {
        switch (type)
        {
            case ScalarType.Float16:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(source), destination);
                return null;
            case ScalarType.BFloat16:
                // A bfloat16 is the upper half of a float32.
                var upper = MemoryMarshal.Cast<byte, ushort>(source);
                for (var i = 0; i < upper.Length; i++)
                    destination[i] = BitConverter.UInt32BitsToSingle((uint)upper[i] << 16);
                return null;
            case ScalarType.Float64:
                return Round(MemoryMarshal.Cast<byte, double>(source), destination);
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, $"Only {Sources} become float32.");
        }
    }

    private static double? Round(ReadOnlySpan<double> source, Span<float> destination)
    {
        for (var i = 0; i < source.Length; i++)
        {
            destination[i] = (float)source[i];
            if (float.IsInfinity(destination[i]) && double.IsFinite(source[i]))
                return source[i];
        }

        return null;
    }
}
