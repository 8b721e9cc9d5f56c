using Orchestrator.Numerics.Harvest;

namespace Orchestrator.Numerics.Transformers;

/// <summary>
/// What a transformer has to beat: an interpolated Kneser-Ney bigram. Seen pairs lose a discount D, which goes to a lower
/// order in proportion to how many different tokens follow the context:
/// p(w|c) = max(n(c,w) − D, 0) / n(c) + D · N(c,·) / n(c) · p_low(w). The lower order mixes how often a token occurs with
/// in how many contexts it does, smoothed by adding a constant. D and the mixture are chosen on the last tenth of the
/// training contexts, with counts of the others; then everything is counted.
/// </summary>
public sealed class BigramModel
{
    private const int HeldOutShare = 10;
    private const double AddedCount = 0.5;

    private static readonly double[] Discounts = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95];
    private static readonly double[] OccurrenceShares = [0, 0.25, 0.5, 0.75, 1];

    private readonly BigramCounts _counts;
    private readonly double[] _lower;

    private BigramModel(BigramCounts counts, double discount, double occurrenceShare)
    {
        _counts = counts;
        Discount = discount;
        OccurrenceShare = occurrenceShare;
        _lower = LowerOrder(counts, occurrenceShare);
    }

    /// <summary>D, 0 &lt; D &lt; 1.</summary>
    public double Discount { get; }

    /// <summary>Weight of the plain unigram in the lower order; the rest is Kneser-Ney's continuation unigram.</summary>
    public double OccurrenceShare { get; }

    /// <summary>
    /// Fits on the contexts that a training of that many tokens with that seed sees: the same text as the transformer's,
    /// each context once.
    /// </summary>
    /// <param name="train">The training split.</param>
    /// <param name="tokens">Tokens that the transformer sees; <see cref="long.MaxValue"/>: the whole split.</param>
    /// <param name="contextLength">Of the transformer.</param>
    /// <param name="seed">Of the transformer's training.</param>
    /// <param name="vocabularySize">V.</param>
    /// <exception cref="ArgumentException">The split does not hold one context.</exception>
    /// <exception cref="InvalidDataException">The split holds a token outside the vocabulary.</exception>
    public static BigramModel Fit(ITokenSequence train, long tokens, int contextLength, ulong seed, int vocabularySize)
    {
        var order = TransformerTrainer.OrderOf(train, contextLength, seed);
        var contexts = Math.Clamp(tokens / contextLength, 1, order.Contexts);
        var heldOut = contexts / HeldOutShare;
        var counts = new BigramCounts(vocabularySize);
        var window = new int[contextLength + 1];
        for (long position = 0; position < contexts - heldOut; position++)
            counts.Add(ReadWindow(train, order, position, window, vocabularySize));

        // Without enough contexts to hold any out, the middle of both ranges is used.
        var (discount, share) = heldOut == 0
            ? (0.75, 0.5)
            : Choose(counts, train, order, (contexts - heldOut, contexts), window);
        for (var position = contexts - heldOut; position < contexts; position++)
            counts.Add(ReadWindow(train, order, position, window, vocabularySize));
        return new BigramModel(counts, discount, share);
    }

    /// <summary>p(next | context); over all next tokens it sums to 1.</summary>
    public double Probability(int context, int next)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)context, (uint)_lower.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)next, (uint)_lower.Length);
        var occurrences = _counts.Occurrences(context);
        if (occurrences == 0)
            return _lower[next];
        var kept = Math.Max(_counts.Pairs(context, next) - Discount, 0);
        return (kept + (Discount * _counts.Followers(context) * _lower[next])) / occurrences;
    }

    /// <summary>
    /// Mean negative log-likelihood in nats on exactly the positions of <see cref="ModelEvaluator.ValidationLoss"/>.
    /// </summary>
    /// <param name="validation">The validation split.</param>
    /// <param name="tokens">Tokens to use, rounded down to whole contexts.</param>
    /// <param name="contextLength">T.</param>
    /// <exception cref="ArgumentException">The split does not hold one context.</exception>
    public double Loss(ITokenSequence validation, long tokens, int contextLength)
    {
        var contexts = ModelEvaluator.Contexts(validation, tokens, contextLength);
        var window = new int[contextLength];
        double total = 0;
        for (long context = 0; context < contexts; context++)
        {
            validation.Read(context * contextLength, window);
            total += WindowLoss(window);
        }

        return total / (contexts * (contextLength - 1));
    }

    private static (double Discount, double Share) Choose(
        BigramCounts counts, ITokenSequence train, ContextOrder order, (long From, long To) heldOut, int[] window)
    {
        var best = (Discount: 0.0, Share: 0.0, Loss: double.PositiveInfinity);
        var held = new List<int[]>();
        for (var position = heldOut.From; position < heldOut.To; position++)
            held.Add([.. ReadWindow(train, order, position, window, counts.VocabularySize)]);
        foreach (var share in OccurrenceShares)
        {
            foreach (var discount in Discounts)
            {
                var model = new BigramModel(counts, discount, share);
                var loss = held.Sum(model.WindowLoss);
                if (loss < best.Loss)
                    best = (discount, share, loss);
            }
        }

        return (best.Discount, best.Share);
    }

    private static int[] ReadWindow(ITokenSequence train, ContextOrder order, long position, int[] window, int vocabularySize)
    {
        var offset = order.OffsetAt(position);
        train.Read(offset, window);
        foreach (var token in window)
        {
            if ((uint)token >= (uint)vocabularySize)
                throw new InvalidDataException($"A token {token} near {offset} lies outside the vocabulary of {vocabularySize}.");
        }

        return window;
    }

    private static double[] LowerOrder(BigramCounts counts, double occurrenceShare)
    {
        var v = counts.VocabularySize;
        var (arrivals, contexts) = (counts.TotalArrivals, counts.TotalPairs);
        var lower = new double[v];
        for (var token = 0; token < v; token++)
        {
            var occurring = (counts.Arrivals(token) + AddedCount) / (arrivals + (AddedCount * v));
            var continuing = (counts.Predecessors(token) + AddedCount) / (contexts + (AddedCount * v));
            lower[token] = (occurrenceShare * occurring) + ((1 - occurrenceShare) * continuing);
        }

        return lower;
    }

    private double WindowLoss(int[] window)
    {
        double loss = 0;
        for (var i = 1; i < window.Length; i++)
            loss -= Math.Log(Probability(window[i - 1], window[i]));
        return loss;
    }
}
