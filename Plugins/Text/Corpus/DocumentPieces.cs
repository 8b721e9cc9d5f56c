namespace Orchestrator.Text.Corpus;

/// <summary>Cuts long documents, so that a single long file has a part in training and in validation.</summary>
internal static class DocumentPieces
{
    /// <summary>Pieces of at most so many bytes, cut after a line, or within one that is longer, between characters.</summary>
    /// <param name="source">Name of the document; pieces of one that is cut are called <c>name@offset</c>.</param>
    /// <param name="text">UTF-8.</param>
    /// <param name="maxBytes">At least 4, the longest character; null: the document stays whole.</param>
    public static IEnumerable<(string Source, ReadOnlyMemory<byte> Text)> Of(string source, ReadOnlyMemory<byte> text, long? maxBytes)
    {
        if (maxBytes is null || text.Length <= maxBytes)
        {
            yield return (source, text);
            yield break;
        }

        for (var start = 0; start < text.Length;)
        {
            var length = Length(text.Span[start..], (int)maxBytes);
            yield return ($"{source}@{start}", text.Slice(start, length));
            start += length;
        }
    }

    private static int Length(ReadOnlySpan<byte> rest, int maxBytes)
    {
        if (rest.Length <= maxBytes) return rest.Length;
        var line = rest[..maxBytes].LastIndexOf((byte)'\n');
        if (line >= 0) return line + 1;
        var cut = maxBytes;
        while (cut > maxBytes - 3 && IsContinuation(rest[cut])) cut--;
        return IsContinuation(rest[cut]) ? maxBytes : cut; // more in a row than a character has: no UTF-8
    }

    private static bool IsContinuation(byte value) => (value & 0xC0) == 0x80;
}
