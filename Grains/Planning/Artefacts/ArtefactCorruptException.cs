using Orchestrator.Abstractions;

namespace Orchestrator.Planning.Artefacts;

/// <summary>An artefact is not what was published; it is out of the store now, and is to be computed again.</summary>
public sealed class ArtefactCorruptException(StageKey stage, string reason) : Exception($"The artefact {stage} is torn: {reason}")
{
    public StageKey Stage { get; } = stage;
}
