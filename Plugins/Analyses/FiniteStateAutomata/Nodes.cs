using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Analyses.FiniteStateAutomata;

/// <summary>A source whose features are the nodes of an automaton, and the count of its transitions.</summary>
internal sealed class Nodes
{
    private readonly TransitionCounts _counts;
    private readonly TransitionCounts? _shuffledCounts;

    /// <param name="source">Features, or one of their nulls.</param>
    /// <param name="context">Vocabulary and seed.</param>
    /// <param name="options">How many tokens a feature raises.</param>
    /// <param name="main">Whether to count the shuffled null and the tokens of each edge too.</param>
    /// <param name="cancellationToken">Looked at between features.</param>
    public Nodes(IFeatureSource source, IAnalysisContext context, FiniteStateAutomataOptions options, bool main, CancellationToken cancellationToken)
    {
        Source = source;
        Raised = new RaisedTokens(source, context.Vocabulary, options.RaisedTokens, cancellationToken);
        _counts = new TransitionCounts(source.FeatureCount, Raised, options.RaisedTokens, withTokens: main);
        _shuffledCounts = main ? new TransitionCounts(source.FeatureCount, Raised, options.RaisedTokens, withTokens: false) : null;
    }

    public IFeatureSource Source { get; }

    public RaisedTokens Raised { get; }

    public TransitionCounts Counts => _counts;

    public void Add(SparseActivations activations, Transitions transitions) => _counts.Add(activations, transitions);

    /// <summary>Counts for the shuffled null; may run while <see cref="Add"/> does.</summary>
    public void AddShuffled(SparseActivations activations, Transitions shuffled) => _shuffledCounts?.Add(activations, shuffled);

    public Automaton Automaton(FiniteStateAutomataOptions options, CancellationToken cancellationToken) =>
        FiniteStateAutomata.Automaton.Of(_counts, Source.FeatureCount, options, cancellationToken);

    /// <summary>The automaton of shuffled neighbours; null unless these are the main nodes.</summary>
    public Automaton? ShuffledAutomaton(FiniteStateAutomataOptions options, CancellationToken cancellationToken) =>
        _shuffledCounts is null ? null : FiniteStateAutomata.Automaton.Of(_shuffledCounts, Source.FeatureCount, options, cancellationToken);
}
