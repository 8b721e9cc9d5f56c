using Orchestrator.Numerics.Harvest;
using Orchestrator.Numerics.Tensors;

namespace Orchestrator.Unit.Numerics.Harvest;

/// <summary>Tokens in memory.</summary>
internal sealed class TokenArray(int[] tokens) : ITokenSequence
{
    public long Count => tokens.Length;

    /// <summary>Random tokens in which each follows from the one before more often than not, so that there is something to learn.</summary>
    public static TokenArray Markov(int count, int vocabularySize, ulong seed)
    {
        var random = new SeededRandom(seed);
        var tokens = new int[count];
        for (var i = 1; i < count; i++)
            tokens[i] = random.NextDouble() < 0.7 ? ((tokens[i - 1] * 5) + 1) % vocabularySize : random.NextInt(vocabularySize);
        return new TokenArray(tokens);
    }

    public void Read(long offset, Span<int> destination) => tokens.AsSpan((int)offset, destination.Length).CopyTo(destination);
}
