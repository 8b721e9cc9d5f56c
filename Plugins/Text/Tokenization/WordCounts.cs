using System.Runtime.InteropServices;

namespace Orchestrator.Text.Tokenization;

/// <summary>How often each pre-token occurs. Counted on all cores; sums do not depend on how the text was divided.</summary>
internal sealed class WordCounts
{
    private readonly Dictionary<byte[], long> _counts = new(ByteSequenceComparer.Instance);

    public long Documents { get; private set; }

    public long Bytes { get; private set; }

    public IReadOnlyDictionary<byte[], long> Counts => _counts;

    /// <param name="documents">Read once, by the calling thread.</param>
    /// <param name="progress">Told the bytes read so far.</param>
    /// <param name="cancellation">Looked at between chunks.</param>
    public static WordCounts Of(IEnumerable<ReadOnlyMemory<byte>> documents, Action<long> progress, CancellationToken cancellation)
    {
        var parts = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new WordCounts()).ToArray();
        var options = new ParallelOptions { CancellationToken = cancellation };
        foreach (var window in DocumentChunks.Windows(documents, document => document.Length))
        {
            Parallel.For(0, window.Count, options, i => parts[i].Add(window[i]));
            progress(parts.Sum(part => part.Bytes));
        }

        foreach (var part in parts[1..]) parts[0].Add(part);
        return parts[0];
    }

    private void Add(IReadOnlyList<ReadOnlyMemory<byte>> documents)
    {
        var words = _counts.GetAlternateLookup<ReadOnlySpan<byte>>();
        foreach (var document in documents)
        {
            Documents++;
            Bytes += document.Length;
            for (var rest = document.Span; !rest.IsEmpty;)
            {
                var length = PreTokenizer.FirstLength(rest);
                CollectionsMarshal.GetValueRefOrAddDefault(words, rest[..length], out _)++;
                rest = rest[length..];
            }
        }
    }

    private void Add(WordCounts other)
    {
        Documents += other.Documents;
        Bytes += other.Bytes;
        foreach (var (word, count) in other._counts) CollectionsMarshal.GetValueRefOrAddDefault(_counts, word, out _) += count;
    }
}
