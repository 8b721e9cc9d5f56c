using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Tensors;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Transformers;

/// <content>Reading and replacing activations at hook points, and what directions there do to the logits.</content>
public sealed partial class Transformer
{
    /// <summary>Activations at a hook point; nothing behind it is computed.</summary>
    /// <param name="tokens">[B, T], int64.</param>
    /// <param name="hookPoint">Where.</param>
    /// <returns>[B, T, D].</returns>
    /// <exception cref="ArgumentException">The model lacks the hook point, or the tokens are not of that form.</exception>
    public Tensor HookActivations(Tensor tokens, HookPoint hookPoint) => HookActivations(tokens, [hookPoint])[0];

    /// <summary>Activations at several hook points from one pass; nothing behind the last of them is computed.</summary>
    /// <param name="tokens">[B, T], int64.</param>
    /// <param name="hookPoints">At least one; in any order.</param>
    /// <returns>One tensor each, [B, T, D], in the order of the hook points.</returns>
    /// <inheritdoc cref="HookActivations(Tensor, HookPoint)" path="/exception"/>
    public IReadOnlyList<Tensor> HookActivations(Tensor tokens, params IReadOnlyList<HookPoint> hookPoints)
    {
        var (b, t) = RequireTokens(tokens);
        ArgumentOutOfRangeException.ThrowIfZero(hookPoints.Count);
        var widths = hookPoints.Select(WidthAt).ToArray();
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var points = _forward.Run(StreamPoint.Start(_forward.Embed(tokens)), hookPoints, t);
        return [.. points.Zip(widths, (point, width) => scope.MoveToOuter(point.Value.view(b, t, width)))];
    }

    /// <summary>Runs up to a hook point and keeps what is needed to go on from there.</summary>
    /// <param name="tokens">[B, T], int64.</param>
    /// <param name="hookPoint">Where activations are to be replaced.</param>
    /// <param name="inputs">
    /// Where activations are read beside (a transcoder's input), from the same pass; null: nowhere else.
    /// </param>
    /// <inheritdoc cref="HookActivations(Tensor, HookPoint)" path="/exception"/>
    public ForwardState RunToHook(Tensor tokens, HookPoint hookPoint, HookPoint? inputs = null)
    {
        var (b, t) = RequireTokens(tokens);
        var inputPoint = inputs ?? hookPoint;
        var (width, inputWidth) = (WidthAt(hookPoint), WidthAt(inputPoint));
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var points = _forward.Run(StreamPoint.Start(_forward.Embed(tokens)), [hookPoint, inputPoint], t);
        var activations = scope.MoveToOuter(points[0].Value.view(b, t, width));
        return new ForwardState(
            hookPoint,
            activations,
            points[0].Residual is { } residual ? scope.MoveToOuter(residual.view(b, t, Definition.ModelDim)) : null,
            inputPoint == hookPoint ? activations : scope.MoveToOuter(points[1].Value.view(b, t, inputWidth)));
    }

    /// <summary>
    /// Goes on from a hook point with these activations in place of the true ones: the true ones themselves, zeros, or a
    /// dictionary's reconstruction (paper, "Loss recovered"). At the MLP's hidden layer the MLP's output bias stays; what
    /// stands at <c>hook_attn_out</c> or <c>hook_mlp_out</c> stands for the bias too.
    /// </summary>
    /// <param name="state">Of <see cref="RunToHook"/>.</param>
    /// <param name="activations">[B, T, D].</param>
    /// <returns>What the unembedding reads, [B, T, d].</returns>
    public Tensor Finish(ForwardState state, Tensor activations)
    {
        var (b, t) = (state.Activations.shape[0], state.Activations.shape[1]);
        var width = WidthAt(state.HookPoint);
        Shape.Require(activations, b, t, width);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var from = new StreamPoint(
            state.HookPoint, activations.reshape(b * t, width), state.Residual?.view(b * t, Definition.ModelDim));
        return scope.MoveToOuter(_forward.Finish(from, t).view(b, t, Definition.ModelDim));
    }

    /// <summary>Next-token negative log-likelihoods when these activations stand at the hook point.</summary>
    /// <param name="state">Of <see cref="RunToHook"/> on the same tokens.</param>
    /// <param name="activations">[B, T, D]; see <see cref="Finish"/>.</param>
    /// <param name="tokens">[B, T], int64, T at least 2.</param>
    /// <returns>[B, T − 1], nats; entry (b, t) is the loss of token t + 1.</returns>
    public Tensor TokenLosses(ForwardState state, Tensor activations, Tensor tokens)
    {
        RequireTokensOf(state, tokens);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(Losses(Finish(state, activations).view(-1, Definition.ModelDim), tokens));
    }

    /// <summary>
    /// Losses when these activations stand at the hook point, and how far that moves the predictions: one more pass
    /// through the unembedding than <see cref="TokenLosses(ForwardState, Tensor, Tensor)"/>.
    /// </summary>
    /// <param name="state">Of <see cref="RunToHook"/> on the same tokens.</param>
    /// <param name="original"><see cref="Finish"/> with the state's own activations, [B, T, d].</param>
    /// <param name="activations">[B, T, D]; see <see cref="Finish"/>.</param>
    /// <param name="tokens">[B, T], int64, T at least 2.</param>
    public SplicedTokens Splice(ForwardState state, Tensor original, Tensor activations, Tensor tokens)
    {
        var (b, t) = RequireTokensOf(state, tokens);
        Shape.Require(original, b, t, Definition.ModelDim);
        using var scope = NewDisposeScope();
        var spliced = Predictions(original, [Finish(state, activations)], tokens).Spliced[0];
        return new SplicedTokens(scope.MoveToOuter(spliced.Losses), scope.MoveToOuter(spliced.Divergences));
    }

    /// <summary>
    /// The direct effect of directions at a hook point on the logits (paper, "Logit weights"): as they stand in the
    /// residual stream, less the mean over it (not for an RMSNorm, which does not centre), scaled by the final
    /// normalisation's gain, unembedded, less each direction's median over the vocabulary (of an even number of values: the
    /// lower middle one).
    /// </summary>
    /// <remarks>
    /// Directions at <c>hook_resid_*</c>, <c>hook_attn_out</c> and <c>hook_mlp_out</c> are in the stream already; those at
    /// <c>mlp.hook_post</c> go through W_out of their layer, those at <c>mlp.hook_pre</c> too, those at
    /// <c>ln2.hook_normalized</c>, which nothing but the MLP reads, through W_in and W_out. Passed by: the non-linearity
    /// between W_in and W_out, as if every neuron were in its linear range; the scale of the final normalisation, which
    /// depends on the token; and whatever else reads the stream behind the hook point, that is later blocks and, for
    /// <c>hook_resid_pre</c>, <c>hook_attn_out</c> and <c>hook_resid_mid</c>, the rest of their own.
    /// </remarks>
    /// <param name="directions">[F, D].</param>
    /// <param name="hookPoint">What they are directions at.</param>
    /// <returns>[F, V].</returns>
    /// <exception cref="ArgumentException">The model lacks the hook point, or the directions are of another width.</exception>
    public Tensor LogitWeights(Tensor directions, HookPoint hookPoint)
    {
        Shape.Require(directions, Shape.Any, WidthAt(hookPoint));
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var block = Parameters.Blocks[hookPoint.Layer];
        var residual = hookPoint.Kind switch
        {
            HookPointKind.MlpPre or HookPointKind.MlpPost => directions.mm(block.MlpOut),
            HookPointKind.Ln2Normalized => directions.mm(block.MlpIn).mm(block.MlpOut),
            _ => directions,
        };                                                                                 // [F, d]
        if (Definition.Normalisation == TransformerDefinition.LayerNorm)
            residual = residual - residual.mean([1], keepdim: true);
        var weights = (residual * Parameters.FinalGain).mm(Parameters.Unembedding);        // [F, V]
        return scope.MoveToOuter(weights.sub_(weights.kthvalue((VocabularySize + 1) / 2, 1, keepdim: true).values));
    }

    private (long B, long T) RequireTokensOf(ForwardState state, Tensor tokens)
    {
        var (b, t) = RequirePredictions(tokens);
        if (state.Activations.shape[0] != b || state.Activations.shape[1] != t)
        {
            throw new ArgumentException(
                $"Tokens [{b}, {t}] for a state of [{state.Activations.shape[0]}, {state.Activations.shape[1]}]: they are not those that it was run on.",
                nameof(tokens));
        }

        return (b, t);
    }
}
