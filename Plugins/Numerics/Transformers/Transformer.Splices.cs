using static TorchSharp.torch;

namespace Orchestrator.Numerics.Transformers;

/// <content>Several splices of the same tokens: what they have in common is computed once.</content>
public sealed partial class Transformer
{
    /// <summary>
    /// Losses of the untouched model and with each of these activations at the hook point, and how far each moves the
    /// predictions. Costs the passes behind the hook point and through the unembedding of one more than there are
    /// replacements.
    /// </summary>
    /// <param name="state">Of <see cref="RunToHook"/> on the same tokens.</param>
    /// <param name="replacements">[B, T, D] each; see <see cref="Finish"/>.</param>
    /// <param name="tokens">[B, T], int64, T at least 2.</param>
    /// <exception cref="ArgumentException">A replacement is of another shape, or the tokens are not those of the state.</exception>
    public SplicedPredictions SpliceEach(ForwardState state, IReadOnlyList<Tensor> replacements, Tensor tokens)
    {
        RequireTokensOf(state, tokens);
        using var scope = NewDisposeScope();
        var original = Finish(state, state.Activations);                                   // [B, T, d]
        var predictions = Predictions(original, [.. replacements.Select(activations => Finish(state, activations))], tokens);
        return new SplicedPredictions(
            scope.MoveToOuter(predictions.OriginalLosses),
            [.. predictions.Spliced.Select(spliced => new SplicedTokens(scope.MoveToOuter(spliced.Losses), scope.MoveToOuter(spliced.Divergences)))]);
    }

    /// <param name="original">What the unembedding reads, [B, T, d].</param>
    /// <param name="spliced">What it reads with other activations, [B, T, d] each.</param>
    /// <param name="tokens">[B, T].</param>
    private SplicedPredictions Predictions(Tensor original, IReadOnlyList<Tensor> spliced, Tensor tokens)
    {
        var (b, t) = (tokens.shape[0], tokens.shape[1]);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var (before, others) = UnembeddingLoss.PerTokenWithDivergences(
            Predicting(original, b, t),
            [.. spliced.Select(x => Predicting(x, b, t))],
            Targets(tokens),
            Parameters.Unembedding,
            Parameters.UnembeddingBias);
        return new SplicedPredictions(
            scope.MoveToOuter(before.view(b, t - 1)),
            [.. others.Select(other => new SplicedTokens(
                scope.MoveToOuter(other.Losses.view(b, t - 1)), scope.MoveToOuter(other.Divergences.view(b, t - 1))))]);
    }
}
