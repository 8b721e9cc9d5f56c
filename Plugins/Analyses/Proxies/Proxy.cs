namespace Orchestrator.Analyses.Proxies;

/// <summary>
/// A property of text that can be computed, against which features are held (paper, "Individual features"). It learns what
/// it needs to know of the text in a first reading, and then scores tokens by
/// max over strings s that end at the token of log P(s | proxy) − log P(s), within what the model sees of one document.
/// </summary>
/// <param name="name">snake_case.</param>
/// <param name="kind">For people: <c>script</c>, <c>string</c> or <c>pattern</c>.</param>
/// <param name="threshold">A token lies in the proxy where its score exceeds this, nats.</param>
internal abstract class Proxy(string name, string kind, double threshold)
{
    /// <summary>P(proxy | s) where the heuristic says no: the paper's.</summary>
    public const double Outside = 1e-10;

    public string Name => name;

    public string Kind => kind;

    public double Threshold => threshold;

    /// <summary>The first reading.</summary>
    public abstract void Learn(ContextText text);

    /// <summary>Scores every token of a text, nats.</summary>
    /// <param name="text">The text.</param>
    /// <param name="unigrams">How probable tokens are, as learnt.</param>
    /// <param name="scores">[tokens].</param>
    public abstract void Score(ContextText text, Unigrams unigrams, Span<float> scores);
}
