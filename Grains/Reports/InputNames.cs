using Orchestrator.Abstractions.Results;

namespace Orchestrator.Grains.Reports;

/// <summary>What an analysis looked at, in a person's words.</summary>
internal static class InputNames
{
    /// <summary>Its dictionaries, as far as the summary holds them.</summary>
    public static IReadOnlyList<DictionarySummary> Of(ExperimentSummary summary, AnalysisSummary analysis) =>
        [.. analysis.Inputs.Select(id => summary.Dictionaries.FirstOrDefault(d => d.Id == id)).OfType<DictionarySummary>()];

    /// <summary>For example "512, 1,024 features · model, seed 1" or "512 features · model, seed 1 and model, seed 2".</summary>
    public static string Describe(ExperimentSummary summary, AnalysisSummary analysis)
    {
        var dictionaries = Of(summary, analysis);
        if (dictionaries.Count < analysis.Inputs.Count)
        {
            return string.Join(", ", analysis.Inputs);
        }

        var sizes = dictionaries.Select(d => d.FeatureCount).Distinct().Select(count => Figures.Count(count));
        var models = dictionaries.Select(d => ModelNames.Of(summary, d.Model)).Distinct();
        return $"{string.Join(", ", sizes)} features · {string.Join(" and ", models)}";
    }
}
