using System.Runtime.InteropServices;

namespace Orchestrator.Numerics.Transformers;

/// <summary>Counts of pairs of neighbouring tokens; memory grows with the pairs that occur, not with V².</summary>
internal sealed class BigramCounts(int vocabularySize)
{
    private readonly Dictionary<long, int> _pairs = [];
    private readonly long[] _occurrences = new long[vocabularySize];
    private readonly long[] _arrivals = new long[vocabularySize];
    private readonly int[] _followers = new int[vocabularySize];
    private readonly int[] _predecessors = new int[vocabularySize];

    public int VocabularySize => vocabularySize;

    /// <summary>Pairs counted, with repetition.</summary>
    public long TotalArrivals { get; private set; }

    /// <summary>Different pairs.</summary>
    public long TotalPairs => _pairs.Count;

    /// <summary>Counts the pairs of a window whose tokens lie in the vocabulary.</summary>
    public void Add(ReadOnlySpan<int> window)
    {
        for (var i = 1; i < window.Length; i++)
        {
            var (context, next) = (window[i - 1], window[i]);
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_pairs, Key(context, next), out var known);
            count++;
            if (!known)
            {
                _followers[context]++;
                _predecessors[next]++;
            }

            _occurrences[context]++;
            _arrivals[next]++;
            TotalArrivals++;
        }
    }

    /// <summary>n(c, w).</summary>
    public int Pairs(int context, int next) => _pairs.GetValueOrDefault(Key(context, next));

    /// <summary>n(c): how often a token was a context.</summary>
    public long Occurrences(int context) => _occurrences[context];

    /// <summary>How often a token followed another.</summary>
    public long Arrivals(int token) => _arrivals[token];

    /// <summary>N(c, ·): how many different tokens followed a context.</summary>
    public int Followers(int context) => _followers[context];

    /// <summary>N(·, w): how many different contexts a token followed.</summary>
    public int Predecessors(int token) => _predecessors[token];

    private long Key(int context, int next) => ((long)context * vocabularySize) + next;
}
