namespace Orchestrator.Numerics.Dictionaries.Architectures;

/// <summary>A parameter with one number for each feature, [F].</summary>
/// <param name="Name">Its state key in the literature.</param>
/// <param name="Initial">What every feature begins with, and begins with again when it is resampled.</param>
/// <param name="IsPositive">Trained as the exponential of what Adam moves, so that it stays positive.</param>
internal sealed record FeatureVector(string Name, double Initial = 0, bool IsPositive = false);
