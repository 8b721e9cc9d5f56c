using System.Runtime.InteropServices;

namespace Orchestrator.Text.Tokenization;

/// <summary>
/// The pairs in the words of a text with their counts, kept up to date merge by merge: only words that hold the merged
/// pair are touched, and the most frequent pair comes from a heap whose outdated entries are corrected as they surface.
/// </summary>
internal sealed class PairTable
{
    private readonly BytePairVocabulary _vocabulary;
    private readonly List<(int[] Tokens, int Length, long Count)> _words = [];
    private readonly Dictionary<Pair, long> _counts = [];
    private readonly Dictionary<Pair, List<int>> _wordsOf = [];
    private readonly Dictionary<Pair, long> _changes = [];
    private readonly PriorityQueue<Pair, (long Count, Pair Pair)> _heap;

    public PairTable(IReadOnlyDictionary<byte[], long> words, BytePairVocabulary vocabulary)
    {
        _vocabulary = vocabulary;
        _heap = new PriorityQueue<Pair, (long Count, Pair Pair)>(Comparer<(long Count, Pair Pair)>.Create(Compare));
        foreach (var (word, count) in words)
        {
            if (word.Length < 2) continue;
            var tokens = Array.ConvertAll(word, value => vocabulary.TokenOf(value));
            for (var i = 1; i < tokens.Length; i++) Change(new Pair(tokens[i - 1], tokens[i]), _words.Count, count);
            _words.Add((tokens, tokens.Length, count));
        }

        ApplyChanges();
    }

    /// <returns>False where no pair is left.</returns>
    public bool TryTakeMostFrequent(out Pair pair)
    {
        while (_heap.TryDequeue(out pair, out var entry))
        {
            if (!_counts.TryGetValue(pair, out var count)) continue;
            if (count == entry.Count) return true;
            _heap.Enqueue(pair, (count, pair));
        }

        return false;
    }

    /// <summary>Replaces the pair by its token in every word, from left to right.</summary>
    public void Apply(Merge merge)
    {
        foreach (var word in _wordsOf[merge.Pair]) Apply(merge, word);
        _counts.Remove(merge.Pair);
        _changes.Remove(merge.Pair);
        _wordsOf.Remove(merge.Pair);
        ApplyChanges();
    }

    private void Apply(Merge merge, int word)
    {
        ref var entry = ref CollectionsMarshal.AsSpan(_words)[word];
        var (tokens, length, count) = entry;
        var kept = 0;
        for (var i = 0; i < length; i++, kept++)
        {
            if (i + 1 == length || tokens[i] != merge.Pair.Left || tokens[i + 1] != merge.Pair.Right)
            {
                tokens[kept] = tokens[i];
                continue;
            }

            if (kept > 0)
            {
                Change(new Pair(tokens[kept - 1], merge.Pair.Left), word, -count);
                Change(new Pair(tokens[kept - 1], merge.Token), word, count);
            }

            if (i + 2 < length)
            {
                Change(new Pair(merge.Pair.Right, tokens[i + 2]), word, -count);
                Change(new Pair(merge.Token, tokens[i + 2]), word, count);
            }

            tokens[kept] = merge.Token;
            i++;
        }

        entry.Length = kept;
    }

    private void Change(Pair pair, int word, long count)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(_changes, pair, out _) += count;
        if (count < 0) return;
        ref var words = ref CollectionsMarshal.GetValueRefOrAddDefault(_wordsOf, pair, out _);
        words ??= [];
        // Words come one after the other, so a word that is in the list already is its last.
        if (words.Count == 0 || words[^1] != word) words.Add(word);
    }

    private void ApplyChanges()
    {
        foreach (var (pair, change) in _changes)
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, pair, out _);
            count += change;
            if (count == 0) _counts.Remove(pair);
            // A pair that became rarer keeps its entry, which is corrected when it surfaces.
            else if (change > 0) _heap.Enqueue(pair, (count, pair));
        }

        _changes.Clear();
    }

    /// <summary>The more frequent pair first; among equals the one with the greater bytes.</summary>
    private int Compare((long Count, Pair Pair) x, (long Count, Pair Pair) y)
    {
        if (x.Count != y.Count) return y.Count.CompareTo(x.Count);
        var left = Bytes(y.Pair.Left).SequenceCompareTo(Bytes(x.Pair.Left));
        return left != 0 ? left : Bytes(y.Pair.Right).SequenceCompareTo(Bytes(x.Pair.Right));
    }

    private ReadOnlySpan<byte> Bytes(int token) => _vocabulary.Bytes(token);
}
