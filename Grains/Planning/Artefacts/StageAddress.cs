using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
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
    public static StageKey Of(StageDefinition definition) => new($"{definition.Prefix}-{Hash(definition.ToJson())}");

    /// <summary>Whether a definition, as a manifest keeps it, is that of a stage: written compactly it hashes to the key.</summary>
    public static bool Matches(StageKey stage, JsonElement definition) =>
        stage.Value.EndsWith("-" + Hash(JsonSerializer.Serialize(definition, StageDefinition.Json)), StringComparison.Ordinal);

    private static string Hash(string json) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)))[..12];
}
