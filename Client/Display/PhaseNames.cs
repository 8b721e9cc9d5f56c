using Orchestrator.Contracts.Experiments;

namespace Orchestrator.Client.Display;

/// <summary>What people call the states of a stage.</summary>
public static class PhaseNames
{
    public static string Of(StagePhase phase) => phase switch
    {
        StagePhase.Stopped => "stopped early",
        StagePhase.AtRung => "at rung",
        _ => phase.ToString().ToLowerInvariant(),
    };
}
