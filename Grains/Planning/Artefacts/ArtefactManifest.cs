using System.Text.Json;

namespace Orchestrator.Planning.Artefacts;

/// <summary><c>artefact.json</c>: written last, so that a folder without it is not an artefact.</summary>
public sealed record ArtefactManifest
{
    public const string FileName = "artefact.json";

    /// <summary>Version of this layout.</summary>
    public int Layout { get; init; } = 1;

    public required string Key { get; init; }

    /// <summary>The stage's definition, whose canonical form hashes to the key.</summary>
    public required JsonElement Definition { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Every other file of the folder.</summary>
    public required IReadOnlyList<ArtefactFile> Files { get; init; }
}

/// <summary>A file of an artefact.</summary>
/// <param name="Path">Relative, with forward slashes.</param>
/// <param name="Bytes">Length.</param>
/// <param name="Sha256">Lower-case hex.</param>
public sealed record ArtefactFile(string Path, long Bytes, string Sha256);
