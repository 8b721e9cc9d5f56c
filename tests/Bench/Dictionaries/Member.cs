namespace Orchestrator.Bench.Dictionaries;

/// <summary>One dictionary of a sweep.</summary>
/// <param name="Features">F.</param>
/// <param name="Seed">Of its weights.</param>
/// <param name="L1Coefficient">Null: the default.</param>
internal sealed record Member(int Features, ulong Seed = 1, double? L1Coefficient = null)
{
    /// <summary>Bytes of the encoder and the decoder [F, D] and their biases, in float32.</summary>
    public long ParameterBytes(int dim) => ((2L * Features * dim) + Features + dim) * sizeof(float);
}
