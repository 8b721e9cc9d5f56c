namespace Orchestrator.Contracts.Experiments;

/// <summary>What states of a stage have in common.</summary>
public static class StagePhases
{
    /// <summary>Nothing more of it is to be done.</summary>
    public static bool HasEnded(this StagePhase phase) =>
        phase.IsDone() || phase is StagePhase.Failed or StagePhase.Cancelled;

    /// <summary>It has ended as it was meant to: computed, or not worth it.</summary>
    public static bool IsDone(this StagePhase phase) => phase.HasArtefact() || phase == StagePhase.Stopped;

    /// <summary>Its artefact is in the store.</summary>
    public static bool HasArtefact(this StagePhase phase) => phase is StagePhase.Cached or StagePhase.Completed;
}
