using static Orchestrator.Numerics.Transformers.ForwardPass;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Transformers;

/// <summary>
/// Unembedding, softmax and cross-entropy together, a block of rows at a time: the logits of a block stay in the
/// processor's cache through all passes over them, and [N, V] is never in memory. Gradients are written by hand.
/// </summary>
internal static class UnembeddingLoss
{
    private const long LogitsAtOnce = 1 << 19;

    /// <summary>
    /// Mean next-token negative log-likelihood, in nats, and its gradients. The parameters' gradients are added to
    /// <paramref name="weightGradient"/> and <paramref name="biasGradient"/>.
    /// </summary>
    /// <param name="x">Output of the final normalisation, [N, d].</param>
    /// <param name="targets">The tokens to predict, [N], int64.</param>
    /// <param name="weight">Unembedding, [d, V].</param>
    /// <param name="bias">[V].</param>
    /// <param name="weightGradient">[d, V].</param>
    /// <param name="biasGradient">[V].</param>
    /// <returns>The loss, a scalar, and its gradient for x, [N, d].</returns>
    public static (Tensor Loss, Tensor Gradient) WithGradients(
        Tensor x, Tensor targets, Tensor weight, Tensor bias, Tensor weightGradient, Tensor biasGradient)
    {
        using var scope = NewDisposeScope();
        var n = x.shape[0];
        var scale = 1.0 / n;
        var loss = zeros([], ScalarType.Float32, x.device);
        var gradient = empty_like(x);
        var transposed = weight.t();
        foreach (var (start, count) in Pieces(n, weight.shape[1]))
        {
            using var piece = NewDisposeScope();
            var rows = x.narrow(0, start, count);                                          // [R, d]
            var target = targets.narrow(0, start, count).unsqueeze(1);                     // [R, 1]
            var logProbabilities = Affine(bias, rows, weight).log_softmax(1);               // [R, V]
            loss.add_(logProbabilities.gather(1, target).sum(), -scale);

            // The gradient of the logits: probabilities, less one at the target; the factor 1/N follows where fewer
            // elements are left.
            var error = logProbabilities.exp_();
            error.scatter_add_(1, target, full([count, 1], -1f, device: x.device));
            gradient.narrow(0, start, count).addmm_(error, transposed, beta: 0f, alpha: (float)scale);
            weightGradient.addmm_(rows.t(), error, beta: 1f, alpha: (float)scale);
            biasGradient.add_(error.sum(dim: 0L), scale);
        }

        return (scope.MoveToOuter(loss), scope.MoveToOuter(gradient));
    }

    /// <summary>Negative log-likelihood of each target, in nats.</summary>
    /// <param name="x">Output of the final normalisation, [N, d].</param>
    /// <param name="targets">The tokens to predict, [N], int64.</param>
    /// <param name="weight">Unembedding, [d, V].</param>
    /// <param name="bias">[V].</param>
    /// <returns>[N].</returns>
    public static Tensor PerToken(Tensor x, Tensor targets, Tensor weight, Tensor bias)
    {
        using var scope = NewDisposeScope();
        var losses = empty([x.shape[0]], ScalarType.Float32, x.device);
        foreach (var (start, count) in Pieces(x.shape[0], weight.shape[1]))
        {
            using var piece = NewDisposeScope();
            var logits = Affine(bias, x.narrow(0, start, count), weight);                   // [R, V]
            var target = logits.gather(1, targets.narrow(0, start, count).unsqueeze(1));   // [R, 1]
            losses.narrow(0, start, count).copy_(logits.logsumexp(1) - target.squeeze(1));
        }

        return scope.MoveToOuter(losses);
    }

    /// <summary>
    /// Negative log-likelihood of each target, in nats, as <see cref="PerToken"/> gives it, of a prediction and of others, and
    /// how far each of these is from it: KL(before ‖ x) = Σ p_before (ln p_before − ln p_x) in nats, kept from falling below
    /// 0 by rounding.
    /// </summary>
    /// <param name="before">What the unembedding reads for the one prediction, [N, d].</param>
    /// <param name="others">What it reads for each of the others, [N, d].</param>
    /// <param name="targets">The tokens to predict, [N], int64.</param>
    /// <param name="weight">Unembedding, [d, V].</param>
    /// <param name="bias">[V].</param>
    /// <returns>[N] each; those of the others in their order.</returns>
    public static (Tensor Before, (Tensor Losses, Tensor Divergences)[] Others) PerTokenWithDivergences(
        Tensor before, IReadOnlyList<Tensor> others, Tensor targets, Tensor weight, Tensor bias)
    {
        using var scope = NewDisposeScope();
        var losses = empty([before.shape[0]], ScalarType.Float32, before.device);
        var found = others.Select(_ => (Losses: empty_like(losses), Divergences: empty_like(losses))).ToArray();
        foreach (var (start, count) in Pieces(before.shape[0], weight.shape[1]))
        {
            using var piece = NewDisposeScope();
            var target = targets.narrow(0, start, count).unsqueeze(1);                      // [R, 1]
            var original = Affine(bias, before.narrow(0, start, count), weight);            // [R, V]
            original.sub_(original.logsumexp(1, keepdim: true));
            losses.narrow(0, start, count).copy_(original.gather(1, target).squeeze(1).neg_());
            var probabilities = original.exp();
            for (var i = 0; i < others.Count; i++)
            {
                using var other = NewDisposeScope();
                var logits = Affine(bias, others[i].narrow(0, start, count), weight);       // [R, V]
                var logTotal = logits.logsumexp(1, keepdim: true);                          // [R, 1]
                found[i].Losses.narrow(0, start, count).copy_((logTotal - logits.gather(1, target)).squeeze(1));
                var difference = logits.sub_(logTotal).neg_().add_(original);
                found[i].Divergences.narrow(0, start, count).copy_(difference.mul_(probabilities).sum(dim: 1L).clamp_min_(0));
            }
        }

        return (scope.MoveToOuter(losses), Array.ConvertAll(found, tensors => (scope.MoveToOuter(tensors.Losses), scope.MoveToOuter(tensors.Divergences))));
    }

    private static IEnumerable<(long Start, long Count)> Pieces(long rows, long vocabularySize)
    {
        var atOnce = Math.Max(1, LogitsAtOnce / vocabularySize);
        for (long start = 0; start < rows; start += atOnce)
            yield return (start, Math.Min(atOnce, rows - start));
    }
}
