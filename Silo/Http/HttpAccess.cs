using Orchestrator.Planning.Access;
using Orchestrator.Silo.Hosting;

namespace Orchestrator.Silo.Http;

/// <summary>What must be there before a silo answers beyond its machine.</summary>
public static class HttpAccess
{
    /// <exception cref="SiloSettingsException">Nobody could be told from anybody.</exception>
    public static void Require(SiloSettings settings)
    {
        var http = settings.Http;
        if (!http.IsOn)
            return;

        try
        {
            if (!http.IsLoopback && new AccessTokens(settings.Layout, TimeProvider.System).List().Count == 0)
                throw new SiloSettingsException([$"http.address {http.Address} is beyond loopback, and the store {settings.Layout.Root} has no access token: make one first (orchestrator token create NAME --role admin)"]);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new SiloSettingsException([exception.Message]);
        }
    }
}
