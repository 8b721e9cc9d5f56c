using static TorchSharp.torch;

namespace Orchestrator.Numerics.Interchange;

/// <summary>
/// The parameters of another tool's dictionary, feature-major and under our names, before anything is checked across
/// tensors or folded. float32 on the CPU; they belong to the dispose scope in which they were read.
/// </summary>
/// <param name="Path">The file, for messages.</param>
/// <param name="Encoder">[F, D].</param>
/// <param name="Decoder">[F, D_out].</param>
/// <param name="DecoderBias">[D_out].</param>
/// <param name="Vectors">By state key, [F] each.</param>
internal sealed record ForeignWeights(string Path, NamedTensor Encoder, NamedTensor Decoder, Tensor DecoderBias, IReadOnlyDictionary<string, Tensor> Vectors)
{
    /// <summary>[D_out, D]; null: none.</summary>
    public Tensor? Skip { get; init; }

    /// <summary>Of a dictionary that has one for all features.</summary>
    public double Threshold { get; init; }

    /// <summary>
    /// Whether the tool multiplies pre-activations by the norms of the decoder's rows before it selects, and divides by
    /// them before it decodes: then folding them is what it computes.
    /// </summary>
    public bool RescalesByNorms { get; init; }

    /// <summary>Which vectors are in units of pre-activations, and scale with them.</summary>
    public static bool Scales(string vector) => vector != "r_mag";
}

/// <summary>A tensor, and what the file calls it.</summary>
internal sealed record NamedTensor(string Name, Tensor Value);
