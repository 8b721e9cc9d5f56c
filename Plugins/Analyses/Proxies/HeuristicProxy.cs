namespace Orchestrator.Analyses.Proxies;

/// <summary>
/// A proxy that a heuristic decides. By Bayes, P(s | proxy) = P(proxy | s) · P(s) / P(proxy), so that P(s) cancels: the
/// score is log P(proxy | s) − log P(proxy), with P(proxy | s) = 1 where the heuristic says yes and 10⁻¹⁰ where it says no,
/// and P(proxy) its share of the tokens read. A token that ends within a character has the share of its occurrences for
/// which the whole character made the heuristic say yes (paper, "Proxies").
/// </summary>
internal abstract class HeuristicProxy(string name, string kind) : Proxy(name, kind, threshold: 0)
{
    private readonly Dictionary<int, (long Inside, long All)> _open = [];
    private long _tokens;
    private long _inside;
    private bool[] _members = [];

    public sealed override void Learn(ContextText text)
    {
        var members = Members(text);
        _tokens += members.Length;
        for (var token = 0; token < members.Length; token++)
        {
            _inside += members[token] ? 1 : 0;
            if (text.IsOpen(token))
            {
                var (inside, all) = _open.GetValueOrDefault(text.Tokens[token]);
                _open[text.Tokens[token]] = (inside + (members[token] ? 1 : 0), all + 1);
            }
        }
    }

    public sealed override void Score(ContextText text, Unigrams unigrams, Span<float> scores)
    {
        var members = Members(text);
        var logShare = Math.Log((double)Math.Max(1, _inside) / Math.Max(1, _tokens));
        for (var token = 0; token < members.Length; token++)
        {
            scores[token] = (float)(Math.Log(Math.Max(Outside, Probability(text, token, members[token]))) - logShare);
        }
    }

    /// <summary>What the heuristic says of each token, when all of the text is known.</summary>
    protected abstract void Decide(ContextText text, Span<bool> members);

    private double Probability(ContextText text, int token, bool isMember)
    {
        if (!text.IsOpen(token))
        {
            return isMember ? 1 : 0;
        }

        var (inside, all) = _open.GetValueOrDefault(text.Tokens[token]);
        return all == 0 ? 0 : (double)inside / all;
    }

    private Span<bool> Members(ContextText text)
    {
        if (_members.Length < text.Tokens.Length)
        {
            _members = new bool[text.Tokens.Length];
        }

        var members = _members.AsSpan(0, text.Tokens.Length);
        members.Clear();
        Decide(text, members);
        return members;
    }
}
