using Orchestrator.Planning.Access;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Silo.Http;

/// <summary>The cluster's tokens, read again when their file has changed: one that was revoked is worthless within a second.</summary>
internal sealed class TokenCache(StoreLayout layout, TimeProvider time)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    private readonly AccessTokens _file = new(layout, time);
    private readonly Lock _lock = new();
    private IReadOnlyList<AccessToken> _tokens = [];
    private (DateTime Written, long Length) _stamp;
    private long? _looked;

    /// <exception cref="InvalidDataException">The file is torn: nobody is let in by an older one.</exception>
    public IReadOnlyList<AccessToken> Tokens
    {
        get
        {
            lock (_lock)
            {
                if (_looked is not { } last || time.GetElapsedTime(last) >= BetweenLooks)
                {
                    Look();
                    _looked = time.GetTimestamp();
                }

                return _tokens;
            }
        }
    }

    private void Look()
    {
        var info = new FileInfo(layout.AccessTokens);
        var stamp = info.Exists ? (info.LastWriteTimeUtc, info.Length) : default;
        if (stamp == _stamp)
            return;

        _tokens = _file.List();
        _stamp = stamp;
    }
}
