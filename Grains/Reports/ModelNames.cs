using Orchestrator.Abstractions.Results;

namespace Orchestrator.Grains.Reports;

/// <summary>What people call a model of an experiment.</summary>
internal static class ModelNames
{
    public static string Of(ModelSummary model) => model.RandomWeights
        ? FormattableString.Invariant($"random twin, seed {model.Seed}")
        : FormattableString.Invariant($"model, seed {model.Seed}");

    /// <summary>By id; the id itself where the summary does not hold the model.</summary>
    public static string Of(ExperimentSummary summary, string id) =>
        summary.Models.FirstOrDefault(model => model.Id == id) is { } model ? Of(model) : id;
}
