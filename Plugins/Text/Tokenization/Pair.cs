namespace Orchestrator.Text.Tokenization;

/// <summary>Two tokens side by side.</summary>
internal readonly record struct Pair(int Left, int Right)
{
    public override int GetHashCode() => (int)((((ulong)(uint)Left << 32 | (uint)Right) * 0x9E3779B97F4A7C15) >> 32);
}

/// <summary>Two tokens that become one.</summary>
/// <param name="Pair">The tokens.</param>
/// <param name="Token">What they become.</param>
internal readonly record struct Merge(Pair Pair, int Token);
