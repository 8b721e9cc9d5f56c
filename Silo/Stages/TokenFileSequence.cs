using Orchestrator.Numerics.Harvest;
using Orchestrator.Text.Tokens;

namespace Orchestrator.Silo.Stages;

/// <summary>A token file as what the numerical rooms read.</summary>
internal sealed class TokenFileSequence(TokenFile file) : ITokenSequence, IDisposable
{
    public TokenFile File => file;

    public long Count => file.Count;

    public void Read(long offset, Span<int> destination) => file.Read(offset, destination);

    public void Dispose() => file.Dispose();
}
