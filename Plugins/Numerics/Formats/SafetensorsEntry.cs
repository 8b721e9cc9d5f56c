namespace Orchestrator.Numerics.Formats;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Name">Its key.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Shape">Extents, outermost first; empty: a scalar.</param>
/// <param name="Offset">First byte, counted from the beginning of the file.</param>
/// <param name="Bytes">Bytes in all.</param>
public sealed record SafetensorsEntry(string Name, SafetensorsType Type, IReadOnlyList<long> Shape, long Offset, long Bytes)
{
    /// <summary>Elements in all.</summary>
    public long Elements => Bytes / Type.Size();
}
