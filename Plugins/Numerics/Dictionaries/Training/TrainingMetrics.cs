namespace Orchestrator.Numerics.Dictionaries.Training;

/// <summary>Means over the steps since the last reading.</summary>
/// <param name="Steps">Steps that they cover.</param>
/// <param name="Loss">The whole loss, L1 term included.</param>
/// <param name="MeanSquaredError">Mean over elements.</param>
/// <param name="L0">Active features per activation vector.</param>
public sealed record TrainingMetrics(long Steps, double Loss, double MeanSquaredError, double L0);
