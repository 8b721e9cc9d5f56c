namespace Orchestrator.Bench.Reporting;

/// <summary>A figure that something is asked of.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Target">The bound.</param>
/// <param name="Measured">The figure.</param>
/// <param name="Unit">Of both.</param>
/// <param name="HigherIsBetter">Whether the bound is a lower one.</param>
internal sealed record TargetFigure(string Name, double Target, double Measured, string Unit, bool HigherIsBetter)
{
    /// <summary>The chapter of the plan that asks: B, dictionaries; C, sweeps.</summary>
    public string Issue { get; init; } = "B";

    public bool IsMet => HigherIsBetter ? Measured >= Target : Measured <= Target;

    public string Relation => HigherIsBetter ? "at least" : "at most";

    public static TargetFigure AtLeast(string name, double target, double measured, string unit) => new(name, target, measured, unit, true);

    public static TargetFigure AtMost(string name, double target, double measured, string unit) => new(name, target, measured, unit, false);
}
