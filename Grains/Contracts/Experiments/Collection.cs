using Orchestrator.Abstractions;

namespace Orchestrator.Contracts.Experiments;

/// <summary>What a store holds that nothing refers to.</summary>
/// <param name="Artefacts">Artefacts, in the order of their keys.</param>
/// <param name="Leftovers">Absolute paths of folders that an interrupted clearing left.</param>
/// <param name="Forgotten">Experiments whose folder was deleted, and that do not run.</param>
/// <param name="Deleted">Whether they were deleted; else they were only looked for.</param>
[GenerateSerializer, Immutable, Alias("Collection")]
public sealed record Collection(
    [property: Id(0)] IReadOnlyList<CollectedArtefact> Artefacts,
    [property: Id(1)] IReadOnlyList<string> Leftovers,
    [property: Id(2)] IReadOnlyList<ExperimentId> Forgotten,
    [property: Id(3)] bool Deleted)
{
    /// <summary>Why nothing could be said; null: it could.</summary>
    [Id(4)]
    public string? Problem { get; init; }
}

/// <summary>An artefact that nothing refers to.</summary>
/// <param name="Key">Its stage.</param>
/// <param name="Bytes">Length of its files.</param>
[GenerateSerializer, Immutable, Alias("CollectedArtefact")]
public sealed record CollectedArtefact([property: Id(0)] StageKey Key, [property: Id(1)] long Bytes);
