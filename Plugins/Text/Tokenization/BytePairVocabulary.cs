using System.Text;

namespace Orchestrator.Text.Tokenization;

/// <summary>The tokens, by id, and the merges that make them, by rank.</summary>
internal sealed class BytePairVocabulary
{
    public const string EndOfTextContent = "<|endoftext|>";

    private const int NoToken = -1;

    private readonly List<byte[]> _tokens;
    private readonly Dictionary<byte[], int> _ids = new(ByteSequenceComparer.Instance);
    private readonly int[] _byteTokens;
    private readonly Dictionary<Pair, (int Rank, int Token)> _merges = [];
    private readonly List<Pair> _mergeOrder = [];

    /// <param name="tokens">By id.</param>
    /// <param name="added">Ids of tokens that no merge makes and that stand for themselves.</param>
    /// <param name="endOfText">Id of the token between documents, one of those added.</param>
    /// <exception cref="ArgumentException">A byte that occurs in valid UTF-8 has no token.</exception>
    public BytePairVocabulary(IEnumerable<byte[]> tokens, IReadOnlyDictionary<int, AddedToken> added, int endOfText)
    {
        _tokens = [.. tokens];
        (Added, EndOfText) = (added, endOfText);
        for (var id = 0; id < _tokens.Count; id++)
        {
            if (!added.ContainsKey(id)) _ids.TryAdd(_tokens[id], id);
        }

        _byteTokens = Enumerable.Range(0, 256).Select(value => _ids.GetValueOrDefault([(byte)value], NoToken)).ToArray();
        BytesWithoutToken = [.. Enumerable.Range(0, 256).Where(value => _byteTokens[value] == NoToken).Select(value => (byte)value)];
        foreach (var value in BytesWithoutToken)
        {
            if (value is not (0xC0 or 0xC1 or >= 0xF5)) throw new ArgumentException($"the byte 0x{value:X2} has no token");
        }
    }

    /// <summary>
    /// Bytes that no valid UTF-8 holds and that this vocabulary cannot write. Vocabularies trained here have none;
    /// published ones that were trained on valid text do.
    /// </summary>
    public byte[] BytesWithoutToken { get; }

    public int Count => _tokens.Count;

    public int EndOfText { get; }

    public IReadOnlyDictionary<int, AddedToken> Added { get; }

    /// <summary>In the order of their ranks.</summary>
    public IReadOnlyList<Pair> Merges => _mergeOrder;

    /// <summary>The end of text as token 0, then the bytes in the alphabet's order; no merges.</summary>
    public static BytePairVocabulary OfBytes() => new(
        ByteAlphabet.Ordered.Select(value => new[] { value }).Prepend(Encoding.UTF8.GetBytes(EndOfTextContent)),
        new Dictionary<int, AddedToken> { [0] = new(EndOfTextContent, IsSpecial: true) },
        endOfText: 0);

    public byte[] Bytes(int token) => _tokens[token];

    public int TokenOf(byte value) => _byteTokens[value];

    /// <returns>False where no token, other than an added one, has these bytes.</returns>
    public bool TryFind(byte[] bytes, out int token) => _ids.TryGetValue(bytes, out token);

    public bool TryMerge(int left, int right, out (int Rank, int Token) merge) => _merges.TryGetValue(new Pair(left, right), out merge);

    /// <summary>Appends a merge. Where other merges made the same bytes already, their token is the result of this one too.</summary>
    public Merge AddMerge(Pair pair)
    {
        byte[] bytes = [.. _tokens[pair.Left], .. _tokens[pair.Right]];
        if (!_ids.TryGetValue(bytes, out var token))
        {
            token = _tokens.Count;
            _tokens.Add(bytes);
            _ids.Add(bytes, token);
        }

        if (_merges.TryAdd(pair, (_mergeOrder.Count, token))) _mergeOrder.Add(pair);
        return new Merge(pair, token);
    }
}

/// <summary>A token that no merge makes.</summary>
/// <param name="Content">Its text.</param>
/// <param name="IsSpecial">A mark such as the end of text, never found in text; otherwise it takes every occurrence in text.</param>
internal sealed record AddedToken(string Content, bool IsSpecial);
