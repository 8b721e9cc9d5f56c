using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;

namespace Orchestrator.Bench.Transformers;

/// <summary>
/// Floating-point operations of the matrix products of a transformer, a multiplication and an addition counted as two.
/// Attention is causal: position t sees t + 1 keys. Element-wise work is not counted.
/// </summary>
internal static class TransformerFlops
{
    /// <summary>A forward pass and the products of its backward pass, two for each, for one context.</summary>
    public static double Training(TransformerDefinition model, int vocabularySize) =>
        3 * ((model.Layers * (Attention(model) + (2 * MlpSide(model)))) + Product(model, model.ModelDim, vocabularySize));

    /// <summary>A forward pass up to a hook point, for one context.</summary>
    public static double UpTo(TransformerDefinition model, HookPoint hookPoint)
    {
        var before = hookPoint.Layer * (Attention(model) + (2 * MlpSide(model)));
        return before + hookPoint.Kind switch
        {
            HookPointKind.ResidPre => 0,
            HookPointKind.AttnOut or HookPointKind.ResidMid or HookPointKind.Ln2Normalized => Attention(model),
            HookPointKind.MlpPre or HookPointKind.MlpPost => Attention(model) + MlpSide(model),
            _ => Attention(model) + (2 * MlpSide(model)),
        };
    }

    private static double Attention(TransformerDefinition model)
    {
        var (t, d) = ((double)model.ContextLength, (double)model.ModelDim);
        return Product(model, d, 3 * d) + Product(model, d, d) + (2 * (t * (t + 1) / 2) * d * 2); // scores, then the mixture
    }

    private static double MlpSide(TransformerDefinition model) => Product(model, model.ModelDim, model.MlpDim);

    private static double Product(TransformerDefinition model, double inputs, double outputs) => 2 * model.ContextLength * inputs * outputs;
}
