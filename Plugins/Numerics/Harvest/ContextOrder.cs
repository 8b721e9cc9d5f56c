using Orchestrator.Numerics.Tensors;

namespace Orchestrator.Numerics.Harvest;

/// <summary>
/// All non-overlapping windows of a token sequence in a seeded random order: each once, then all again in another order.
/// Any place in the order is computed directly, without a table, so that a stream resumes anywhere at once and a corpus
/// of any size costs no memory.
/// </summary>
public sealed class ContextOrder
{
    private const int Rounds = 6;

    private readonly ulong _seed;
    private readonly int _halfBits;
    private readonly ulong _halfMask;

    /// <param name="tokenCount">Tokens of the sequence.</param>
    /// <param name="contextLength">Tokens of a window, T.</param>
    /// <param name="seed">Seed of the order.</param>
    /// <param name="lookahead">Tokens that must follow each window (1 where the last position predicts too).</param>
    /// <exception cref="ArgumentException">The sequence does not hold one window.</exception>
    public ContextOrder(long tokenCount, int contextLength, ulong seed, int lookahead = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(contextLength);
        ArgumentOutOfRangeException.ThrowIfNegative(lookahead);
        Contexts = Math.Max(0, tokenCount - lookahead) / contextLength;
        if (Contexts == 0)
        {
            throw new ArgumentException(
                $"{tokenCount} tokens do not hold one context of {contextLength + lookahead}.", nameof(tokenCount));
        }

        ContextLength = contextLength;
        _seed = seed;
        while (1L << (2 * _halfBits) < Contexts)
            _halfBits++;
        _halfMask = (1UL << _halfBits) - 1;
    }

    /// <summary>Windows of the sequence.</summary>
    public long Contexts { get; }

    /// <summary>Tokens of a window.</summary>
    public int ContextLength { get; }

    /// <summary>The window that comes at this position, 0 ≤ window &lt; <see cref="Contexts"/>.</summary>
    public long ContextAt(long position)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        var key = SeededRandom.Derive(_seed, (ulong)(position / Contexts));
        var value = (ulong)(position % Contexts);

        // A Feistel network permutes the numbers of an even count of bits; walking on while outside the range restricts
        // the permutation to it. The range is over a quarter of the numbers, so the walk is short.
        do
        {
            value = Permute(value, key);
        }
        while (value >= (ulong)Contexts);
        return (long)value;
    }

    /// <summary>Offset in the sequence of the window at this position.</summary>
    public long OffsetAt(long position) => ContextAt(position) * ContextLength;

    private ulong Permute(ulong value, ulong key)
    {
        var left = value >> _halfBits;
        var right = value & _halfMask;
        for (var round = 0; round < Rounds; round++)
        {
            var scrambled = SeededRandom.Derive(key + (ulong)round, right) & _halfMask;
            (left, right) = (right, left ^ scrambled);
        }

        return (left << _halfBits) | right;
    }
}
