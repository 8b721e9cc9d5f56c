using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Analyses.FiniteStateAutomata;

/// <summary>
/// How often a feature fires on the token after another, where the other raises that token. Memory: 8 bytes × F², and
/// with tokens at most 12 bytes or so × F² × tokens raised, of which few occur.
/// </summary>
internal sealed class TransitionCounts(int featureCount, RaisedTokens raised, int raisedCount, bool withTokens)
{
    private readonly int[] _after = new int[checked(featureCount * featureCount)];
    private readonly int[] _anywhere = new int[checked(featureCount * featureCount)];
    private readonly long[] _sourceFirings = new long[featureCount];
    private readonly long[] _raisedFollows = new long[featureCount];
    private readonly long[] _targetFirings = new long[featureCount];
    private readonly Dictionary<long, int> _tokens = [];
    private readonly long[] _firedAt = new long[featureCount];

    /// <summary>Transitions seen.</summary>
    public long Count { get; private set; }

    public void Add(SparseActivations activations, Transitions transitions)
    {
        for (var i = 0; i < transitions.Targets.Length; i++)
        {
            Count++;
            foreach (var source in activations.FeaturesOf(transitions.Sources[i]))
            {
                _sourceFirings[source]++;
                _firedAt[source] = Count;
            }

            var targets = activations.FeaturesOf(transitions.Targets[i]);
            foreach (var target in targets)
            {
                _targetFirings[target]++;
            }

            foreach (var (source, slot) in raised.RaisersOf(transitions.TargetTokens[i]))
            {
                AddRaised(source, slot, targets);
            }
        }
    }

    /// <summary>What the counts say of an edge.</summary>
    public Evidence Of(int source, int target)
    {
        var pair = source * featureCount + target;
        return new Evidence(
            _after[pair], _anywhere[pair], _sourceFirings[source], _raisedFollows[source], _targetFirings[target], Count);
    }

    /// <summary>How often a feature fired and had a successor.</summary>
    public long Firings(int feature) => _sourceFirings[feature];

    /// <summary>The targets that followed a source at least so often.</summary>
    public IEnumerable<int> Followers(int source, int minSupport)
    {
        for (var target = 0; target < featureCount; target++)
        {
            if (_after[source * featureCount + target] >= minSupport)
            {
                yield return target;
            }
        }
    }

    /// <summary>The tokens by which an edge happened, most frequent first.</summary>
    public IReadOnlyList<int> TokensOf(int source, int target) =>
        [.. raised.Of(source)
            .Select((token, slot) => (Token: token, Count: _tokens.GetValueOrDefault(Key(source, target, slot))))
            .Where(static entry => entry.Count > 0)
            .OrderByDescending(static entry => entry.Count)
            .Select(static entry => entry.Token)];

    // A token that the source raises follows; whether the source fired before it is what an edge is about.
    private void AddRaised(int source, int slot, ReadOnlySpan<int> targets)
    {
        var fired = _firedAt[source] == Count;
        var row = source * featureCount;
        if (fired)
        {
            _raisedFollows[source]++;
        }

        foreach (var target in targets)
        {
            _anywhere[row + target]++;
            if (!fired)
            {
                continue;
            }

            _after[row + target]++;
            if (withTokens)
            {
                System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_tokens, Key(source, target, slot), out _)++;
            }
        }
    }

    private long Key(int source, int target, int slot) => ((long)source * featureCount + target) * raisedCount + slot;
}
