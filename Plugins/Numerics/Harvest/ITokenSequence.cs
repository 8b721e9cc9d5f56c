namespace Orchestrator.Numerics.Harvest;

/// <summary>A sequence of token ids that can be read anywhere.</summary>
public interface ITokenSequence
{
    /// <summary>Tokens in all.</summary>
    long Count { get; }

    /// <summary>Copies the tokens from <paramref name="offset"/> on until the destination is full.</summary>
    void Read(long offset, Span<int> destination);
}
