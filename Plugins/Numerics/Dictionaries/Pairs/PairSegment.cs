using System.Numerics;

namespace Orchestrator.Numerics.Dictionaries.Pairs;

/// <summary>
/// The active pairs of some neighbouring tokens. They are found block of features by block of features, so that a
/// token's pairs lie in as many runs as there are blocks, ascending by feature.
/// </summary>
/// <param name="tokens">Tokens that the segment has room for.</param>
/// <param name="hasExtras">Whether pairs have a fourth column.</param>
internal sealed unsafe class PairSegment<T>(int tokens, bool hasExtras)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private int[] _starts = [];
    private int[] _ends = [];
    private int _blocks;

    public PairBuffer<T> Pairs { get; } = new(hasExtras);

    public int Count => Pairs.Count;

    /// <summary>Tokens of this batch that lie here.</summary>
    public int Tokens { get; private set; }

    /// <summary>Whether each token's pairs are neighbours as a whole.</summary>
    public bool IsContiguous { get; private set; }

    /// <summary>Empties it.</summary>
    /// <param name="tokenCount">Tokens to come.</param>
    /// <param name="blocks">Blocks of features to come.</param>
    public void Begin(int tokenCount, int blocks)
    {
        (Tokens, _blocks, IsContiguous) = (tokenCount, blocks, blocks == 1);
        Pairs.Count = 0;
        if (_starts.Length >= tokens * blocks) return;
        _starts = new int[tokens * blocks];
        _ends = new int[tokens * blocks];
    }

    /// <summary>Says where a token's pairs of a block lie.</summary>
    public void SetRun(int block, int token, int start, int end)
    {
        _starts[(block * tokens) + token] = start;
        _ends[(block * tokens) + token] = end;
    }

    /// <summary>Pairs since a block, the last one, began.</summary>
    public int CountOf(int block) => Count - _starts[block * tokens];

    /// <summary>Forgets the pairs of the last block.</summary>
    public void DropBlock(int block) => Pairs.Count = _starts[block * tokens];

    /// <summary>
    /// Says that all of a token's pairs, of every block and ascending by feature, are those appended since there were
    /// <paramref name="start"/>.
    /// </summary>
    /// <param name="featuresPerBlock">Features in every block but the last.</param>
    public void EndToken(int token, int start, int featuresPerBlock)
    {
        IsContiguous = true;
        var features = Pairs.Indices;
        for (var block = 0; block < _blocks; block++)
        {
            _starts[(block * tokens) + token] = start;
            var end = block == _blocks - 1 ? int.MaxValue : (block + 1) * featuresPerBlock;
            while (start < Count && features[start] < end) start++;
            _ends[(block * tokens) + token] = start;
        }
    }

    /// <summary>Where a token's pairs of a block lie.</summary>
    public (int Start, int End) Run(int block, int token) => (_starts[(block * tokens) + token], _ends[(block * tokens) + token]);

    /// <summary>All pairs of a token; only where it <see cref="IsContiguous"/>.</summary>
    public PairView<T> Token(int token)
    {
        var start = _starts[token];
        return Pairs.View(start, _ends[((_blocks - 1) * tokens) + token] - start);
    }

    /// <summary>Copies a token's pairs into a buffer as neighbours.</summary>
    public void Gather(int token, PairBuffer<T> into)
    {
        into.Count = 0;
        for (var block = 0; block < _blocks; block++)
        {
            var (start, end) = Run(block, token);
            var count = end - start;
            if (count == 0) continue;
            into.Reserve(into.Count + count);
            Copy(Pairs.Indices + start, into.Indices + into.Count, count);
            Copy(Pairs.Values + start, into.Values + into.Count, count);
            into.Count += count;
        }
    }

    /// <summary>Copies the gradients, and extras, of a token's gathered pairs back.</summary>
    public void Scatter(int token, PairBuffer<T> from)
    {
        var at = 0;
        for (var block = 0; block < _blocks; block++)
        {
            var (start, end) = Run(block, token);
            Copy(from.Gradients + at, Pairs.Gradients + start, end - start);
            if (Pairs.HasExtras) Copy(from.Extras + at, Pairs.Extras + start, end - start);
            at += end - start;
        }
    }

    private static void Copy<TElement>(TElement* from, TElement* to, int count)
        where TElement : unmanaged =>
        new ReadOnlySpan<TElement>(from, count).CopyTo(new Span<TElement>(to, count));
}
