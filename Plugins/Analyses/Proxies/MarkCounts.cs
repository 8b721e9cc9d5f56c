using System.Numerics;

namespace Orchestrator.Analyses.Proxies;

/// <summary>How many tokens lie in each proxy.</summary>
internal sealed class MarkCounts(int proxyCount)
{
    private readonly long[] _inside = new long[proxyCount];

    public int ProxyCount => proxyCount;

    public long Tokens { get; private set; }

    public long Inside(int proxy) => _inside[proxy];

    public void Add(ReadOnlySpan<ulong> marks)
    {
        Tokens += marks.Length;
        foreach (var mark in marks)
        {
            for (var rest = mark; rest != 0; rest &= rest - 1)
            {
                _inside[BitOperations.TrailingZeroCount(rest)]++;
            }
        }
    }
}
