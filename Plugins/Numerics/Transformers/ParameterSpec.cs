namespace Orchestrator.Numerics.Transformers;

/// <summary>One parameter: its state key (as TransformerLens names it), its shape, and where it lies in the flat memory.</summary>
/// <param name="Name">For example <c>blocks.0.mlp.W_in</c>.</param>
/// <param name="Shape">Extents, outermost first.</param>
/// <param name="Offset">First element in the flat tensor.</param>
internal sealed record ParameterSpec(string Name, long[] Shape, long Offset)
{
    public long Count { get; } = Shape.Aggregate(1L, (count, extent) => checked(count * extent));

    /// <summary>A weight matrix: not a bias (attention's have a row a head), not a LayerNorm's gain.</summary>
    public bool IsMatrix => IsMatrixName(Name);

    public static bool IsMatrixName(string name) => name.Contains("W_", StringComparison.Ordinal);
}
