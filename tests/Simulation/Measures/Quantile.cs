namespace Orchestrator.Simulation.Measures;

internal static class Quantile
{
    /// <summary>The least value with at least this part of an ascending list at or below it; 0 of an empty one.</summary>
    public static double Of(IReadOnlyList<double> ascending, double part) =>
        ascending.Count == 0 ? 0 : ascending[Math.Clamp((int)Math.Ceiling(part * ascending.Count) - 1, 0, ascending.Count - 1)];
}
