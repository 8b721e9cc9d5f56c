namespace Orchestrator.Numerics.Dictionaries.Architectures;

/// <summary>A parameter with one number for each feature, [F].</summary>
/// <param name="Name">Its state key in the literature.</param>
/// <param name="Initial">What every feature begins with, and begins with again when it is resampled.</param>
/// <param name="IsNonNegative">Put back to 0 when a step takes it below.</param>
internal sealed record FeatureVector(string Name, double Initial = 0, bool IsNonNegative = false);
