using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Plans;

namespace Orchestrator.Grains.Experiments;

/// <summary>What is asked instead where some dictionaries of an analysis were stopped early.</summary>
public static class AnalysisReplacement
{
    /// <summary>The same question of the dictionaries that are left, with an address of its own: as a plan without the others would have it.</summary>
    /// <param name="orphan">The analysis.</param>
    /// <param name="stages">Of its experiment.</param>
    /// <returns>Null where fewer than two are left, so that nothing is to be compared, or it is no analysis.</returns>
    public static PlannedStage? Of(StageRecord orphan, IReadOnlyList<StageRecord> stages)
    {
        if (StageDefinition.FromJson(orphan.Plan.DefinitionJson) is not AnalysisStage analysis)
            return null;

        var stopped = Stopped(orphan, stages).Select(stage => stage.Plan.Key).ToHashSet();
        var left = analysis.Dictionaries.Where(key => !stopped.Contains(key)).ToList();
        if (left.Count < 2)
            return null;

        var definitions = stages.ToDictionary(stage => stage.Plan.Key, stage => stage.Plan.DefinitionJson);
        IDictionaryStage Find(StageKey key) => (IDictionaryStage)StageDefinition.FromJson(definitions[key]);
        var definition = analysis with
        {
            Dictionaries = left,
            Models = [.. left.Concat(analysis.NullDictionaries).Select(key => Find(key).Model).Distinct()],
        };
        return orphan.Plan with
        {
            Key = StageAddress.Of(definition),
            Label = Label(orphan.Plan.Label, analysis.Dictionaries.Select(Find), left.Select(Find)),
            DefinitionJson = definition.ToJson(),
            DependsOn = definition.DependsOn,
        };
    }

    /// <summary>For people: why the analysis itself is not computed.</summary>
    /// <param name="replacement">What is instead; null: nothing.</param>
    public static string Reason(StageRecord orphan, IReadOnlyList<StageRecord> stages, PlannedStage? replacement)
    {
        var names = string.Join(" and ", Stopped(orphan, stages).Select(stage => $"{stage.Plan.Label} ({stage.Plan.Key})"));
        return replacement is null
            ? $"needs {names}, stopped early"
            : $"replaced by {replacement.Label} ({replacement.Key}), of those that are left without {names}";
    }

    private static List<StageRecord> Stopped(StageRecord orphan, IReadOnlyList<StageRecord> stages) =>
        [.. stages.Where(stage => stage.Phase == StagePhase.Stopped && orphan.Plan.DependsOn.Contains(stage.Plan.Key))];

    private static string Label(string label, IEnumerable<IDictionaryStage> before, IEnumerable<IDictionaryStage> left)
    {
        var sizes = AnalysisSizes.Text(before.OfType<DictionaryStage>().Select(dictionary => dictionary.Dictionary.FeatureCount));
        return label.Replace(sizes, AnalysisSizes.Text(left.OfType<DictionaryStage>().Select(dictionary => dictionary.Dictionary.FeatureCount)), StringComparison.Ordinal);
    }
}
