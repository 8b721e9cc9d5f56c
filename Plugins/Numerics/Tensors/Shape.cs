using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Tensors;

/// <summary>
/// Shape checks for public boundaries. They come before the native call because some of libtorch's errors end the
/// process instead of throwing.
/// </summary>
public static class Shape
{
    /// <summary>Stands for an extent that may have any value.</summary>
    public const long Any = -1;

    /// <exception cref="ArgumentException">The tensor is not a vector of that extent.</exception>
    public static void Require(Tensor tensor, long first, [CallerArgumentExpression(nameof(tensor))] string? name = null) =>
        Check(tensor, [first], name);

    /// <exception cref="ArgumentException">The tensor is not a matrix of those extents.</exception>
    public static void Require(
        Tensor tensor, long first, long second, [CallerArgumentExpression(nameof(tensor))] string? name = null) =>
        Check(tensor, [first, second], name);

    /// <exception cref="ArgumentException">The tensor does not have three dimensions of those extents.</exception>
    public static void Require(
        Tensor tensor, long first, long second, long third, [CallerArgumentExpression(nameof(tensor))] string? name = null) =>
        Check(tensor, [first, second, third], name);

    /// <exception cref="ArgumentException">The tensor holds another type of element.</exception>
    public static void RequireType(
        Tensor tensor, ScalarType type, [CallerArgumentExpression(nameof(tensor))] string? name = null)
    {
        ArgumentNullException.ThrowIfNull(tensor, name);
        if (tensor.dtype != type)
            throw new ArgumentException($"Expected elements of type {type}, found {tensor.dtype}.", name);
    }

    private static void Check(Tensor tensor, ReadOnlySpan<long> expected, string? name)
    {
        ArgumentNullException.ThrowIfNull(tensor, name);
        var actual = tensor.shape;
        var fits = actual.Length == expected.Length;
        for (var i = 0; fits && i < expected.Length; i++)
            fits = expected[i] == Any || expected[i] == actual[i];
        if (!fits)
            throw new ArgumentException($"Expected shape [{Text(expected)}], found [{Text(actual)}].", name);
    }

    private static string Text(ReadOnlySpan<long> shape)
    {
        var parts = new string[shape.Length];
        for (var i = 0; i < parts.Length; i++)
            parts[i] = shape[i] == Any ? "any" : shape[i].ToString(System.Globalization.CultureInfo.InvariantCulture);
        return string.Join(", ", parts);
    }
}
