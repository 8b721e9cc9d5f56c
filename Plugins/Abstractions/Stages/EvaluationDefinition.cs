namespace Orchestrator.Abstractions.Stages;

/// <summary>On what a dictionary's metrics and its feature table are measured: the start of the validation split.</summary>
public sealed record EvaluationDefinition
{
    /// <summary>Validation tokens.</summary>
    public long Tokens { get; init; } = 100_000;

    /// <summary>
    /// A feature that fires, with a lower density than this, is counted to the ultralow density cluster. Must be well above
    /// 1 / <see cref="Tokens"/>, the lowest density that can be seen.
    /// </summary>
    public double UltralowDensity { get; init; } = 1e-4;
}
