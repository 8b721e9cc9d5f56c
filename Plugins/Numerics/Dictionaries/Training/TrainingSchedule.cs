using Orchestrator.Abstractions.Stages;

namespace Orchestrator.Numerics.Dictionaries.Training;

/// <summary>Learning rate and λ by step: linear warm-ups, and a linear fall of the learning rate at the end.</summary>
internal static class TrainingSchedule
{
    /// <param name="index">Steps taken before this one.</param>
    /// <param name="steps">Steps in all.</param>
    public static double LearningRate(DictionaryDefinition definition, long index, long steps)
    {
        var rate = definition.LearningRate;
        if (index < definition.WarmupSteps) rate *= (index + 1.0) / definition.WarmupSteps;
        var falling = definition.DecayFraction * steps;
        if (steps - index < falling) rate *= (steps - index) / falling;
        return rate;
    }

    /// <summary>λ or λ₀; 0 where k decides.</summary>
    /// <param name="index">Steps taken before this one.</param>
    public static double Penalty(DictionaryDefinition definition, long index)
    {
        var (parameter, value) = definition.Sparsity;
        if (parameter == SparsityParameter.K) return 0;
        return index < definition.L1WarmupSteps ? value * (index + 1.0) / definition.L1WarmupSteps : value;
    }
}
