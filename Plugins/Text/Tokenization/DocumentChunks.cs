namespace Orchestrator.Text.Tokenization;

/// <summary>Documents in groups that are worth a core's while, so that many small ones cost no more than few large ones.</summary>
internal static class DocumentChunks
{
    private const int Bytes = 1 << 20;

    /// <summary>Windows of one chunk for each core; within a window, chunk and document, the order is the source's.</summary>
    public static IEnumerable<IReadOnlyList<IReadOnlyList<T>>> Windows<T>(IEnumerable<T> documents, Func<T, int> length) =>
        Chunks(documents, length).Chunk(Environment.ProcessorCount);

    private static IEnumerable<IReadOnlyList<T>> Chunks<T>(IEnumerable<T> documents, Func<T, int> length)
    {
        List<T> chunk = [];
        var bytes = 0L;
        foreach (var document in documents)
        {
            chunk.Add(document);
            bytes += length(document);
            if (bytes < Bytes) continue;
            yield return chunk;
            (chunk, bytes) = ([], 0);
        }

        if (chunk.Count > 0) yield return chunk;
    }
}
