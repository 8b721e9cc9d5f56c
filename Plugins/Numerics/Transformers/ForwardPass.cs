using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Transformers;

/// <summary>
/// A forward pass as a chain of hook points, each computed from the one before, over parameters that may or may not be
/// leaves of a graph. Positions of all contexts are rows: N = B × T. The caller keeps the dispose scope.
/// </summary>
internal sealed class ForwardPass(TransformerDefinition definition, ParameterSet parameters)
{
    private readonly long _d = definition.ModelDim;
    private readonly long _heads = definition.Heads;

    /// <summary>Token plus position embedding.</summary>
    /// <param name="tokens">[B, T], int64.</param>
    /// <returns>The residual stream in front of the first block, [N, d].</returns>
    public Tensor Embed(Tensor tokens)
    {
        using var scope = NewDisposeScope();
        var (b, t) = (tokens.shape[0], tokens.shape[1]);
        var token = parameters.TokenEmbedding.index_select(0, tokens.reshape(-1));         // [N, d]
        var position = parameters.PositionEmbedding.narrow(0, 0, t);                       // [T, d]
        return scope.MoveToOuter((token.view(b, t, _d) + position).view(b * t, _d));
    }

    /// <summary>Runs to the last of some hook points and no further.</summary>
    /// <param name="from">Where to begin, in front of all of them or at one.</param>
    /// <param name="wanted">At least one.</param>
    /// <param name="contextLength">T.</param>
    /// <returns>What stands at each; whatever else was computed on the way is disposed.</returns>
    public StreamPoint[] Run(StreamPoint from, IReadOnlyList<HookPoint> wanted, long contextLength)
    {
        var kept = new StreamPoint[wanted.Count];
        var last = wanted.Max();
        for (var point = from; ;)
        {
            for (var i = 0; i < kept.Length; i++)
            {
                if (wanted[i] == point.At)
                    kept[i] = point;
            }

            if (point.At == last)
                return kept;
            var isSpare = !from.Holds(point.Value) && !kept.Any(other => other.At == point.At && other.Value is not null);
            var next = Next(point, contextLength, isSpare);
            foreach (var tensor in (Tensor?[])[point.Value, point.Residual])
            {
                if (tensor is not null && !next.Holds(tensor) && !from.Holds(tensor) && !kept.Any(other => other.Holds(tensor)))
                    tensor.Dispose();
            }

            point = next;
        }
    }

    /// <summary>Everything behind a hook point, the final normalisation included.</summary>
    /// <param name="from">The hook point, with what is to stand there.</param>
    /// <param name="contextLength">T.</param>
    /// <returns>What the unembedding reads, [N, d].</returns>
    public Tensor Finish(StreamPoint from, long contextLength)
    {
        using var scope = NewDisposeScope();
        var end = Run(from, [new HookPoint(definition.Layers - 1, HookPointKind.ResidPost)], contextLength)[0];
        return scope.MoveToOuter(Normalise(end.Value, parameters.FinalGain, parameters.FinalBias));
    }

    /// <summary>bias + x · weight.</summary>
    public static Tensor Affine(Tensor bias, Tensor x, Tensor weight) => addmm(bias, x, weight, beta: 1f, alpha: 1f);

    /// <summary>From one hook point to the next.</summary>
    /// <param name="isSpare">The value may be overwritten: nobody else needs it.</param>
    private StreamPoint Next(StreamPoint point, long contextLength, bool isSpare)
    {
        var (at, value, residual) = point;
        var block = parameters.Blocks[at.Layer];
        var next = at.Kind == HookPointKind.ResidPost
            ? new HookPoint(at.Layer + 1, HookPointKind.ResidPre)
            : at with { Kind = at.Kind + 1 };
        return at.Kind switch
        {
            HookPointKind.ResidPre => new(next, Attention(block, value, contextLength), value),
            HookPointKind.AttnOut or HookPointKind.MlpOut => new(next, residual! + value, null),
            HookPointKind.ResidMid => new(next, Normalise(value, block.MlpNormGain, block.MlpNormBias), value),
            HookPointKind.Ln2Normalized => new(next, Affine(block.MlpInBias, value, block.MlpIn), residual),
            HookPointKind.MlpPre => new(next, Activate(value, isSpare), residual),
            HookPointKind.MlpPost => new(next, Affine(block.MlpOutBias, value, block.MlpOut), residual),
            _ => new(next, value, null),
        };
    }

    /// <summary>What a block's attention adds to the stream.</summary>
    /// <param name="residual">[N, d].</param>
    /// <returns>[N, d].</returns>
    private Tensor Attention(BlockParameters block, Tensor residual, long contextLength)
    {
        using var scope = NewDisposeScope();
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
        return scope.MoveToOuter(Affine(block.AttentionOutBias, rows, block.AttentionOut.view(_d, _d)));
    }

    private Tensor Activate(Tensor x, bool isSpare) => definition.Activation switch
    {
        TransformerDefinition.Relu => isSpare ? x.relu_() : x.relu(),
        TransformerDefinition.Gelu => x.gelu(),
        _ => x.gelu(TorchSharp.Modules.GELU.Approximate.tanh),
    };

    /// <param name="x">[N, d].</param>
    /// <param name="gain">[d].</param>
    /// <param name="bias">[d]; null for an RMSNorm.</param>
    private Tensor Normalise(Tensor x, Tensor gain, Tensor? bias)
    {
        if (bias is not null)
            return nn.functional.layer_norm(x, [_d], gain, bias, definition.NormEpsilon);
        using var scope = NewDisposeScope();
        var scale = (x.square().mean([1], keepdim: true) + definition.NormEpsilon).rsqrt(); // [N, 1]
        return scope.MoveToOuter(x * scale * gain);
    }
}
