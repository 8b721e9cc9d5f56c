using Orchestrator.Abstractions.Stages;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Transformers;

/// <summary>
/// The parts of a forward pass, over parameters that may or may not be leaves of a graph. Positions of all contexts are
/// rows: N = B × T. The caller keeps the dispose scope.
/// </summary>
internal sealed class ForwardPass(TransformerDefinition definition, ParameterSet parameters)
{
    private const double NormEpsilon = 1e-5;

    private readonly long _d = definition.ModelDim;
    private readonly long _heads = definition.Heads;

    /// <summary>Token plus position embedding.</summary>
    /// <param name="tokens">[B, T], int64.</param>
    /// <returns>The residual stream, [N, d].</returns>
    public Tensor Embed(Tensor tokens)
    {
        var (b, t) = (tokens.shape[0], tokens.shape[1]);
        var token = parameters.TokenEmbedding.index_select(0, tokens.reshape(-1));         // [N, d]
        var position = parameters.PositionEmbedding.narrow(0, 0, t);                       // [T, d]
        return (token.view(b, t, _d) + position).view(b * t, _d);
    }

    /// <summary>Adds what a block's attention writes.</summary>
    /// <param name="layer">Which block.</param>
    /// <param name="residual">[N, d].</param>
    /// <param name="contextLength">T.</param>
    /// <returns>The residual stream in front of the MLP, [N, d].</returns>
    public Tensor Attend(int layer, Tensor residual, long contextLength)
    {
        var block = parameters.Blocks[layer];
        var (n, t, k) = (residual.shape[0], contextLength, _d / _heads);
        var x = Normalise(residual, block.AttentionNormGain, block.AttentionNormBias);
        var weight = cat([block.Query, block.Key, block.Value], 0).permute(1, 0, 2).reshape(_d, 3 * _d);
        var bias = cat([block.QueryBias, block.KeyBias, block.ValueBias], 0).reshape(3 * _d);
        var split = Affine(bias, x, weight).view(n / t, t, 3 * _heads, k).transpose(1, 2);  // [B, 3h, T, k]
        var mixed = nn.functional.scaled_dot_product_attention(
            split.narrow(1, 0, _heads),
            split.narrow(1, _heads, _heads),
            split.narrow(1, 2 * _heads, _heads),
            is_casual: true);                                                              // [B, h, T, k]
        var rows = mixed.transpose(1, 2).reshape(n, _d);
        return residual + Affine(block.AttentionOutBias, rows, block.AttentionOut.view(_d, _d));
    }

    /// <summary>The MLP's hidden activations after the ReLU.</summary>
    /// <param name="layer">Which block.</param>
    /// <param name="residual">[N, d].</param>
    /// <returns>[N, m].</returns>
    public Tensor MlpActivations(int layer, Tensor residual)
    {
        var block = parameters.Blocks[layer];
        var x = Normalise(residual, block.MlpNormGain, block.MlpNormBias);
        return Affine(block.MlpInBias, x, block.MlpIn).relu_();
    }

    /// <summary>Adds what the MLP writes when its hidden layer holds these activations.</summary>
    /// <param name="layer">Which block.</param>
    /// <param name="residual">In front of the MLP, [N, d].</param>
    /// <param name="activations">[N, m].</param>
    /// <returns>[N, d].</returns>
    public Tensor MlpOut(int layer, Tensor residual, Tensor activations)
    {
        var block = parameters.Blocks[layer];
        return residual + Affine(block.MlpOutBias, activations, block.MlpOut);
    }

    /// <summary>The blocks from one on, and the final LayerNorm.</summary>
    /// <param name="firstLayer">The first block to run.</param>
    /// <param name="residual">[N, d].</param>
    /// <param name="contextLength">T.</param>
    /// <returns>What the unembedding reads, [N, d].</returns>
    public Tensor Finish(int firstLayer, Tensor residual, long contextLength)
    {
        for (var layer = firstLayer; layer < definition.Layers; layer++)
        {
            residual = Attend(layer, residual, contextLength);
            residual = MlpOut(layer, residual, MlpActivations(layer, residual));
        }

        return Normalise(residual, parameters.FinalGain, parameters.FinalBias);
    }

    /// <summary>bias + x · weight.</summary>
    public static Tensor Affine(Tensor bias, Tensor x, Tensor weight) => addmm(bias, x, weight, beta: 1f, alpha: 1f);

    private Tensor Normalise(Tensor x, Tensor gain, Tensor bias) =>
        nn.functional.layer_norm(x, [_d], gain, bias, NormEpsilon);
}
