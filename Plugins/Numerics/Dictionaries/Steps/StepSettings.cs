namespace Orchestrator.Numerics.Dictionaries.Steps;

/// <summary>What the schedule says of one step.</summary>
/// <param name="Number">Steps taken, this one included, from 1.</param>
/// <param name="LearningRate">Adam's.</param>
/// <param name="Penalty">λ, or λ₀; 0 where k decides.</param>
internal readonly record struct StepSettings(long Number, double LearningRate, double Penalty);
