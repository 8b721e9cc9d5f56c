using Orchestrator.Abstractions.Results;

namespace Orchestrator.Grains.Reports;

/// <summary>What people call a model of an experiment.</summary>
internal static class ModelNames
{
    /// <summary>An experiment has one random twin at most; its seed is derived and tells a person nothing.</summary>
    public static string Of(ModelSummary model) =>
        model.RandomWeights ? "random twin" : FormattableString.Invariant($"model, seed {model.Seed}");

    /// <summary>By id; the id itself where the summary does not hold the model.</summary>
    public static string Of(ExperimentSummary summary, string id) =>
        summary.Models.FirstOrDefault(model => model.Id == id) is { } model ? Of(model) : id;
}
