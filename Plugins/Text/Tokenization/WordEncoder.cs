using System.Collections.Concurrent;

namespace Orchestrator.Text.Tokenization;

/// <summary>
/// Encodes pre-tokens: as long as neighbours have a merge, the one of the lowest rank is done, the leftmost among equals.
/// Words are remembered, since a few thousand of them make up most of a text. Safe for use from many threads.
/// </summary>
internal sealed class WordEncoder
{
    /// <summary>Words remembered at most; with their tokens some 40 MB.</summary>
    private const int RememberedWords = 1 << 18;

    /// <summary>Longer words, in bytes, are rarely seen twice.</summary>
    private const int LongestRemembered = 64;

    private readonly BytePairVocabulary _vocabulary;
    private readonly ConcurrentDictionary<byte[], int[]> _words = new(ByteSequenceComparer.Instance);
    private readonly ConcurrentDictionary<byte[], int[]>.AlternateLookup<ReadOnlySpan<byte>> _lookup;
    private int _remembered;

    public WordEncoder(BytePairVocabulary vocabulary)
    {
        _vocabulary = vocabulary;
        _lookup = _words.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <param name="word">Not empty.</param>
    public ReadOnlySpan<int> Encode(ReadOnlySpan<byte> word)
    {
        if (_lookup.TryGetValue(word, out var tokens)) return tokens;
        tokens = Merge(word);
        if (word.Length <= LongestRemembered && Volatile.Read(ref _remembered) < RememberedWords && _lookup.TryAdd(word, tokens))
            Interlocked.Increment(ref _remembered);
        return tokens;
    }

    /// <summary>In O(n log n), so that a line without a break does not take forever.</summary>
    private int[] Merge(ReadOnlySpan<byte> word)
    {
        var length = word.Length;
        var tokens = new int[length];
        // Places are linked to their neighbours; a place that was merged into its left neighbour holds -1.
        var next = new int[length];
        var previous = new int[length];
        var candidates = new PriorityQueue<(int Place, Pair Pair), (int Rank, int Place)>();
        for (var i = 0; i < length; i++) (tokens[i], next[i], previous[i]) = (_vocabulary.TokenOf(word[i]), i + 1, i - 1);
        for (var i = 0; i < length; i++) Consider(i);
        while (candidates.TryDequeue(out var candidate, out _))
        {
            var (place, pair) = candidate;
            var right = next[place];
            if (right >= length || tokens[place] != pair.Left || tokens[right] != pair.Right) continue;
            _vocabulary.TryMerge(pair.Left, pair.Right, out var merge);
            (tokens[place], tokens[right]) = (merge.Token, -1);
            next[place] = next[right];
            if (next[place] < length) previous[next[place]] = place;
            if (previous[place] >= 0) Consider(previous[place]);
            Consider(place);
        }

        return Array.FindAll(tokens, token => token >= 0);

        void Consider(int place)
        {
            var right = next[place];
            if (right < length && _vocabulary.TryMerge(tokens[place], tokens[right], out var merge))
                candidates.Enqueue((place, new Pair(tokens[place], tokens[right])), (merge.Rank, place));
        }
    }
}
