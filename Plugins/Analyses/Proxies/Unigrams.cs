namespace Orchestrator.Analyses.Proxies;

/// <summary>Unigram probabilities of tokens, counted in a first reading.</summary>
internal sealed class Unigrams(int vocabularySize)
{
    private readonly long[] _counts = new long[vocabularySize];

    /// <summary>V.</summary>
    public int Size => vocabularySize;

    /// <summary>Tokens counted.</summary>
    public long Tokens { get; private set; }

    public void Learn(ReadOnlySpan<int> tokens)
    {
        Tokens += tokens.Length;
        foreach (var token in tokens)
        {
            _counts[token]++;
        }
    }

    /// <summary>log P(token), nats; a token that was never met counts as met once.</summary>
    public double LogProbability(int token) => Math.Log((double)Math.Max(1, _counts[token]) / Math.Max(1, Tokens));
}
