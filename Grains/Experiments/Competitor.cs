using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Contracts.Runs;

namespace Orchestrator.Grains.Experiments;

/// <summary>A dictionary that competes with the others on its model. Those that failed are none.</summary>
/// <param name="Stage">The dictionary.</param>
/// <param name="Rungs">What it was worth where it was measured.</param>
/// <param name="IsOpen">It has not ended, so that it may still come to a rung.</param>
/// <param name="Step">The furthest that is known of it.</param>
/// <param name="Steps">Of its whole training.</param>
public sealed record Competitor(StageKey Stage, IReadOnlyList<RungResult> Rungs, bool IsOpen, long Step, long Steps)
{
    /// <summary>Null: it was not measured there, or before there was that metric.</summary>
    public double? ValueAt(double rung, string metric) =>
        Rungs.FirstOrDefault(result => result.Rung == rung) is { } result && result.Metrics.TryGetValue(metric, out var value) ? value : null;

    /// <summary>Whether it was not measured at a rung but may yet be: it has not trained beyond it.</summary>
    public bool IsAwaitedAt(double rung, string metric)
    {
        var at = EarlyStop.StepOf(rung, Steps);
        return IsOpen && ValueAt(rung, metric) is null && at < Steps && Step <= at;
    }
}
