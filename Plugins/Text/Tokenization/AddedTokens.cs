namespace Orchestrator.Text.Tokenization;

/// <summary>Finds added tokens in text: the leftmost one, and of those that start there the longest.</summary>
internal sealed class AddedTokens
{
    private readonly (byte[] Bytes, int Token)[] _longestFirst;
    private readonly byte[] _firstBytes;

    public AddedTokens(BytePairVocabulary vocabulary)
    {
        _longestFirst = vocabulary.Added
            .Where(entry => !entry.Value.IsSpecial)
            .Select(entry => (vocabulary.Bytes(entry.Key), entry.Key))
            .OrderByDescending(entry => entry.Item1.Length)
            .ToArray();
        _firstBytes = _longestFirst.Select(entry => entry.Bytes[0]).Distinct().ToArray();
    }

    /// <returns>Bytes before the first added token; the text's length where there is none.</returns>
    public int Find(ReadOnlySpan<byte> text, out int token)
    {
        token = -1;
        for (var at = 0; at < text.Length; at++)
        {
            var step = text[at..].IndexOfAny(_firstBytes);
            if (step < 0) break;
            at += step;
            foreach (var (bytes, id) in _longestFirst)
            {
                if (!text[at..].StartsWith(bytes)) continue;
                token = id;
                return at;
            }
        }

        return text.Length;
    }
}
