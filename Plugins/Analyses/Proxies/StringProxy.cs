namespace Orchestrator.Analyses.Proxies;

/// <summary>
/// Strings over an alphabet: P(s | proxy) is a product over characters, one over the size of the alphabet for those in it
/// and 10⁻¹⁰ for any other; P(s) is the product of the tokens' unigram probabilities (paper, "Proxies"). Both are products,
/// so that the best string that ends at a token goes on from the best one that ends before it, or begins there.
/// </summary>
internal sealed class StringProxy : Proxy
{
    // States of a string so far, by what it must have; the last is the one that has all of it.
    private const int States = 4;

    private static readonly double LogOutside = Math.Log(Outside);

    private readonly double[] _logProbabilities = new double[256];
    private readonly Func<byte, int>? _classOf;
    private readonly bool _needsTwoTokens;
    private float[]? _ratios;
    private int[] _classes = [];

    private StringProxy(string name, string alphabet, int size, double threshold, bool needsTwoTokens = false, Func<byte, int>? classOf = null)
        : base(name, "string", threshold)
    {
        Array.Fill(_logProbabilities, LogOutside);
        foreach (var character in alphabet)
        {
            _logProbabilities[character] = -Math.Log(size);
        }

        (_needsTwoTokens, _classOf) = (needsTwoTokens, classOf);
    }

    /// <summary>The paper's alphabet, without '='. It gives no threshold; at 0 single letters are base64 too.</summary>
    public static StringProxy Base64(double threshold) =>
        new("base64", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 64, threshold);

    /// <summary>Sixteen digits, in lower or upper case; a digit and a letter at least, or years and "face" would be some.</summary>
    public static StringProxy Hex(double threshold) =>
        new("hex", "0123456789abcdefABCDEF", 16, threshold, classOf: static character => character is >= (byte)'0' and <= (byte)'9' ? 1 : 2);

    /// <summary>Upper case, two tokens at least, since CAT is a word too; by its sign (paper).</summary>
    public static StringProxy Dna() => new("dna", "ACGT", 4, threshold: 0, needsTwoTokens: true);

    public override void Learn(ContextText text)
    {
    }

    public override void Score(ContextText text, Unigrams unigrams, Span<float> scores)
    {
        if (_ratios is null)
        {
            _ratios = new float[unigrams.Size];
            Array.Fill(_ratios, float.NaN);
            _classes = new int[unigrams.Size];
        }

        Span<double> best = stackalloc double[States];
        Span<double> next = stackalloc double[States];
        best.Fill(double.NegativeInfinity);
        for (var i = 0; i < scores.Length; i++)
        {
            var (ratio, kind) = Token(text, i, unigrams);
            next.Fill(double.NegativeInfinity);
            next[Next(0, kind)] = ratio;
            for (var state = 0; state < States; state++)
            {
                var goal = Next(state, kind);
                next[goal] = Math.Max(next[goal], best[state] + ratio);
            }

            next.CopyTo(best);
            // A string that does not yet have what it must have is as improbable as one outside.
            scores[i] = (float)(double.IsNegativeInfinity(best[States - 1]) ? LogOutside : best[States - 1]);
        }
    }

    // Which state a string is in after one more token.
    private int Next(int state, int kind) => _classOf is not null ? state | kind
        : _needsTwoTokens ? state == 0 ? 1 : States - 1
        : States - 1;

    private (double Ratio, int Class) Token(ContextText text, int index, Unigrams unigrams)
    {
        var token = text.Tokens[index];
        if (float.IsNaN(_ratios![token]))
        {
            var bytes = text.BytesOf(index);
            var logProbability = bytes.Length == 0 ? LogOutside : 0;
            foreach (var value in bytes)
            {
                logProbability += _logProbabilities[value];
                _classes[token] |= _classOf is null || _logProbabilities[value] == LogOutside ? 0 : _classOf(value);
            }

            _ratios[token] = (float)(logProbability - unigrams.LogProbability(token));
        }

        return (_ratios[token], _classes[token]);
    }
}
