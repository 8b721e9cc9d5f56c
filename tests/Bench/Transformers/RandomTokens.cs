using Orchestrator.Numerics.Harvest;
using Orchestrator.Numerics.Tensors;

namespace Orchestrator.Bench.Transformers;

/// <summary>Uniform tokens in memory: the work of a step does not depend on them.</summary>
internal sealed class RandomTokens : ITokenSequence
{
    private readonly int[] _tokens = new int[1 << 20];

    public RandomTokens(int vocabularySize)
    {
        var random = new SeededRandom(1);
        foreach (ref var token in _tokens.AsSpan()) token = random.NextInt(vocabularySize);
    }

    public long Count => _tokens.Length;

    public void Read(long offset, Span<int> destination) => _tokens.AsSpan((int)offset, destination.Length).CopyTo(destination);
}
