using System.Diagnostics;
using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Analyses.Proxies;

/// <summary>Scores the tokens of batches, document by document within each context, since a model sees no more.</summary>
internal sealed class ProxyReader
{
    /// <summary>Proxies are bits of a mark.</summary>
    private const int MostProxies = 64;

    private readonly IReadOnlyList<Proxy> _proxies;
    private readonly ContextText _text;
    private readonly Unigrams _unigrams;
    private readonly float[][] _scores;
    private ulong[] _marks = [];

    public ProxyReader(IReadOnlyList<Proxy> proxies, ITokenVocabulary vocabulary)
    {
        Debug.Assert(proxies.Count <= MostProxies, "A mark has no bit for each of them.");
        (_proxies, _text, _unigrams) = (proxies, new ContextText(vocabulary), new Unigrams(vocabulary.Size));
        _scores = [.. proxies.Select(static _ => Array.Empty<float>())];
    }

    /// <summary>Of the last batch: bit p of a token is set where it lies in proxy p.</summary>
    public ReadOnlySpan<ulong> Marks => _marks;

    /// <summary>Of the last batch: the score of a token for a proxy, nats.</summary>
    public float Score(int proxy, int token) => _scores[proxy][token];

    /// <summary>The first reading of a batch.</summary>
    public void Learn(TokenBatch batch)
    {
        _unigrams.Learn(batch.Tokens);
        foreach (var (start, length) in Segments(batch))
        {
            _text.Read(batch.Tokens.AsSpan(start, length));
            foreach (var proxy in _proxies)
            {
                proxy.Learn(_text);
            }
        }
    }

    /// <summary>A later reading of a batch: its marks and scores, valid until the next one.</summary>
    public void Read(TokenBatch batch)
    {
        if (_marks.Length != batch.Count)
        {
            _marks = new ulong[batch.Count];
            for (var proxy = 0; proxy < _scores.Length; proxy++)
            {
                _scores[proxy] = new float[batch.Count];
            }
        }

        Array.Clear(_marks);
        foreach (var (start, length) in Segments(batch))
        {
            _text.Read(batch.Tokens.AsSpan(start, length));
            for (var proxy = 0; proxy < _proxies.Count; proxy++)
            {
                var scores = _scores[proxy].AsSpan(start, length);
                _proxies[proxy].Score(_text, _unigrams, scores);
                for (var i = 0; i < length; i++)
                {
                    _marks[start + i] |= scores[i] > _proxies[proxy].Threshold ? 1UL << proxy : 0;
                }
            }
        }
    }

    private static IEnumerable<(int Start, int Length)> Segments(TokenBatch batch)
    {
        var start = 0;
        for (var i = 1; i <= batch.Count; i++)
        {
            if (i == batch.Count || i % batch.Length == 0 || batch.Documents[i] != batch.Documents[start])
            {
                yield return (start, i - start);
                start = i;
            }
        }
    }
}
