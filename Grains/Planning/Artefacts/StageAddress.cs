using System.Security.Cryptography;
using System.Text;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;

namespace Orchestrator.Planning.Artefacts;

/// <summary>Computes a stage's address.</summary>
public static class StageAddress
{
    /// <summary>
    /// The definition's prefix and the first 12 hex digits (48 bits) of the SHA-256 of its JSON, which is canonical:
    /// properties stand in declaration order, and options are sorted by name before they enter a definition.
    /// </summary>
    public static StageKey Of(StageDefinition definition)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(definition.ToJson()));
        return new StageKey($"{definition.Prefix}-{Convert.ToHexStringLower(hash)[..12]}");
    }
}
