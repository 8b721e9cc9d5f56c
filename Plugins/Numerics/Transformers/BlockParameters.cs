using static TorchSharp.torch;

namespace Orchestrator.Numerics.Transformers;

/// <summary>The parameters of one block. h heads of width k = d/h.</summary>
internal sealed class BlockParameters(ParameterSet parameters, int layer)
{
    public Tensor AttentionNormGain { get; } = parameters[ParameterLayout.Block(layer, "ln1.w")];   // [d]

    /// <summary>Null where an RMSNorm has none.</summary>
    public Tensor? AttentionNormBias { get; } = parameters.Find(ParameterLayout.Block(layer, "ln1.b")); // [d]

    public Tensor Query { get; } = parameters[ParameterLayout.Block(layer, "attn.W_Q")];            // [h, d, k]

    public Tensor Key { get; } = parameters[ParameterLayout.Block(layer, "attn.W_K")];              // [h, d, k]

    public Tensor Value { get; } = parameters[ParameterLayout.Block(layer, "attn.W_V")];            // [h, d, k]

    public Tensor QueryBias { get; } = parameters[ParameterLayout.Block(layer, "attn.b_Q")];        // [h, k]

    public Tensor KeyBias { get; } = parameters[ParameterLayout.Block(layer, "attn.b_K")];          // [h, k]

    public Tensor ValueBias { get; } = parameters[ParameterLayout.Block(layer, "attn.b_V")];        // [h, k]

    public Tensor AttentionOut { get; } = parameters[ParameterLayout.Block(layer, "attn.W_O")];     // [h, k, d]

    public Tensor AttentionOutBias { get; } = parameters[ParameterLayout.Block(layer, "attn.b_O")]; // [d]

    public Tensor MlpNormGain { get; } = parameters[ParameterLayout.Block(layer, "ln2.w")];         // [d]

    /// <summary>Null where an RMSNorm has none.</summary>
    public Tensor? MlpNormBias { get; } = parameters.Find(ParameterLayout.Block(layer, "ln2.b"));   // [d]

    public Tensor MlpIn { get; } = parameters[ParameterLayout.Block(layer, "mlp.W_in")];            // [d, m]

    public Tensor MlpInBias { get; } = parameters[ParameterLayout.Block(layer, "mlp.b_in")];        // [m]

    public Tensor MlpOut { get; } = parameters[ParameterLayout.Block(layer, "mlp.W_out")];          // [m, d]

    public Tensor MlpOutBias { get; } = parameters[ParameterLayout.Block(layer, "mlp.b_out")];      // [d]
}
