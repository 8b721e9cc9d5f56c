using Orchestrator.Abstractions.Analyses.Statistics;

namespace Orchestrator.Analyses.Proxies;

/// <summary>
/// The null of labels: for each proxy as many marks, on tokens drawn from all of them with equal chance. Selection sampling
/// (Knuth, vol. 2, 3.4.2, algorithm S) gives each of the permutations without holding the tokens.
/// </summary>
internal sealed class ShuffledLabels(MarkCounts counts, ulong seed)
{
    private readonly long[] _left = [.. Enumerable.Range(0, counts.ProxyCount).Select(counts.Inside)];
    private long _token;

    /// <summary>The marks of the next tokens, in place of their own.</summary>
    public ulong[] Next(int tokens)
    {
        var marks = new ulong[tokens];
        for (var i = 0; i < tokens; i++, _token++)
        {
            var tokensLeft = (ulong)(counts.Tokens - _token);
            for (var proxy = 0; proxy < _left.Length; proxy++)
            {
                // The upper half of a product is uniform over 0 … tokensLeft − 1.
                if (_left[proxy] > 0 && (long)Math.BigMul(TokenShuffle.Priority(seed, _token, proxy), tokensLeft, out _) < _left[proxy])
                {
                    marks[i] |= 1UL << proxy;
                    _left[proxy]--;
                }
            }
        }

        return marks;
    }
}
