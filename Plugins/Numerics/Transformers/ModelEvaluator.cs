using Orchestrator.Numerics.Harvest;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Transformers;

/// <summary>How well a model predicts text that it was not trained on.</summary>
public static class ModelEvaluator
{
    private const int BatchContexts = 16;

    /// <summary>
    /// Mean next-token negative log-likelihood in nats over the leading non-overlapping contexts; the first token of a
    /// context is not predicted.
    /// </summary>
    /// <param name="transformer">The model.</param>
    /// <param name="validation">The validation split.</param>
    /// <param name="tokens">Tokens to use, rounded down to whole contexts (at least one; at most the split).</param>
    /// <exception cref="ArgumentException">The split does not hold one context.</exception>
    public static double ValidationLoss(Transformer transformer, ITokenSequence validation, long tokens)
    {
        var contextLength = transformer.Definition.ContextLength;
        var contexts = Contexts(validation, tokens, contextLength);
        var reader = new ContextReader(validation, contextLength, lookahead: 0, transformer.VocabularySize);
        using var scope = NewDisposeScope();
        var total = zeros([], ScalarType.Float64, transformer.Device);
        for (long done = 0; done < contexts; done += BatchContexts)
        {
            using var batch = NewDisposeScope();
            var windows = reader.ReadConsecutive(done, (int)Math.Min(BatchContexts, contexts - done), transformer.Device);
            total.add_(transformer.TokenLosses(windows).sum(ScalarType.Float64));
        }

        return total.item<double>() / (contexts * (contextLength - 1));
    }

    /// <summary>How many leading contexts a measurement over that many tokens uses.</summary>
    /// <exception cref="ArgumentException">The split does not hold one context.</exception>
    internal static long Contexts(ITokenSequence validation, long tokens, int contextLength)
    {
        var available = validation.Count / contextLength;
        if (available == 0)
        {
            throw new ArgumentException(
                $"The validation split of {validation.Count} tokens does not hold one context of {contextLength}.", nameof(validation));
        }

        return Math.Clamp(tokens / contextLength, 1, available);
    }
}
