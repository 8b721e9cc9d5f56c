using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Orchestrator.Numerics.Metrics.Reconstruction;

/// <summary>float32 in memory, float64 in registers.</summary>
internal static unsafe class WideLanes
{
    /// <summary>Elements of one load.</summary>
    public static int Count => Vector512<double>.Count;

    /// <param name="source"><see cref="Count"/> elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Load(float* source)
    {
        var (lower, upper) = Vector256.Widen(Vector256.Load(source));
        return Vector512.Create(lower, upper);
    }
}
