using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Analyses.Statistics;

namespace Orchestrator.Analyses.FiniteStateAutomata;

/// <summary>The tokens that each feature of a source raises: its largest positive logit weights.</summary>
internal sealed class RaisedTokens
{
    private readonly int[][] _tokens;
    private readonly List<(int Feature, int Slot)>?[] _raisers;

    /// <param name="source">Features.</param>
    /// <param name="vocabulary">Its end-of-text token is never raised: what follows it is another document.</param>
    /// <param name="count">Tokens for each feature.</param>
    /// <param name="cancellationToken">Looked at between features.</param>
    public RaisedTokens(IFeatureSource source, ITokenVocabulary vocabulary, int count, CancellationToken cancellationToken)
    {
        _tokens = new int[source.FeatureCount][];
        _raisers = new List<(int, int)>?[vocabulary.Size];
        for (var feature = 0; feature < source.FeatureCount; feature++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var weights = source.LogitWeights(feature);
            _tokens[feature] = [.. Samples.LargestIndices(weights, count + 1)
                .Where(token => weights[token] > 0 && token != vocabulary.EndOfText)
                .Take(count)];
            for (var slot = 0; slot < _tokens[feature].Length; slot++)
            {
                (_raisers[_tokens[feature][slot]] ??= []).Add((feature, slot));
            }
        }
    }

    /// <summary>What a feature raises, strongest first.</summary>
    public IReadOnlyList<int> Of(int feature) => _tokens[feature];

    /// <summary>The features that raise a token, ascending, and the token's place in each one's list.</summary>
    public IReadOnlyList<(int Feature, int Slot)> RaisersOf(int token) => _raisers[token] ?? [];
}
