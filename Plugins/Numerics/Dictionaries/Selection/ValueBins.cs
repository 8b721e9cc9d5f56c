using System.Numerics;
using System.Runtime.CompilerServices;

namespace Orchestrator.Numerics.Dictionaries.Selection;

/// <summary>
/// Bins of positive numbers, ascending, each a sixteenth of a power of two wide: the exponent and the first four bits of
/// the mantissa of a float32, or of a float64.
/// </summary>
internal static class ValueBins<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static int Count => typeof(T) == typeof(float) ? 1 << 12 : 1 << 15;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Of(T value) => typeof(T) == typeof(float)
        ? (int)(Unsafe.BitCast<T, uint>(value) >> 19)
        : (int)(Unsafe.BitCast<T, ulong>(value) >> 48);

    /// <summary>The smallest number of a bin.</summary>
    public static T LowerEdge(int bin) => typeof(T) == typeof(float)
        ? Unsafe.BitCast<uint, T>((uint)bin << 19)
        : Unsafe.BitCast<ulong, T>((ulong)bin << 48);
}
