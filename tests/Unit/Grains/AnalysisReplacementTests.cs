using Orchestrator.Abstractions.Stages;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Grains.Experiments;
using Orchestrator.Planning.Plans;
using Orchestrator.Unit.Planning;
using Orchestrator.Unit.Planning.Specs;
using Xunit;

namespace Orchestrator.Unit.Grains;

/// <summary>What becomes of analyses whose dictionaries were stopped early, on plans as they are made.</summary>
public sealed class AnalysisReplacementTests
{
    private const string Larger = "feature_count: [512, 1_024, 2_048]";

    [Fact]
    public void OfThoseThatAreLeft_IsWhatAPlanWithoutTheOthersHas()
    {
        var records = Records(TestSpec.Text);
        var orphan = Analysis(records, "feature-splitting");
        Stop(records, 1_024, orphan);

        var replacement = AnalysisReplacement.Of(orphan, records)!;

        var expected = Records(TestSpec.Text.Replace(Larger, "feature_count: [512, 2_048]"));
        var planned = Analysis(expected, "feature-splitting").Plan;
        Assert.Equal((planned.Key, planned.Label, planned.DefinitionJson), (replacement.Key, replacement.Label, replacement.DefinitionJson));
        Assert.Equal(planned.DependsOn, replacement.DependsOn);
        Assert.NotEqual(orphan.Plan.Key, replacement.Key);
        Assert.Contains(replacement.Label, AnalysisReplacement.Reason(orphan, records, replacement), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("universality")] // a pair of seeds
    [InlineData("feature-report")] // one
    public void OfFewerThanTwo_ThereIsNone(string kind)
    {
        var records = Records(TestSpec.Text);
        var orphan = Analysis(records, kind);
        Stop(records, 512, orphan);

        Assert.Null(AnalysisReplacement.Of(orphan, records));
        Assert.Contains("dictionary 512 on model seed 1", AnalysisReplacement.Reason(orphan, records, null), StringComparison.Ordinal);
        Assert.EndsWith(", stopped early", AnalysisReplacement.Reason(orphan, records, null), StringComparison.Ordinal);
    }

    [Fact]
    public void Orphans_AreThoseOfWhichNothingElseIsOpen()
    {
        var records = Records(TestSpec.Text);
        var orphan = Analysis(records, "feature-splitting");
        Stop(records, 1_024, orphan);
        Assert.DoesNotContain(orphan, StageGraph.Orphans(records));

        foreach (var record in records.Where(record => record.Phase == StagePhase.Blocked && orphan.Plan.DependsOn.Contains(record.Plan.Key)))
            record.End(StagePhase.Completed);

        Assert.Contains(orphan, StageGraph.Orphans(records));
        Assert.Equal(ExperimentPhase.Completed, StageGraph.End([.. records.Where(record => record.HasEnded)]));
    }

    private static List<StageRecord> Records(string spec) => [.. Planner.Plan(TestSpec.Spec(spec), TestPlugins.Catalog, "fingerprint").Stages
        .Select(stage => new StageRecord { Plan = new PlannedStage(stage.Key, stage.Label, stage.Definition.ToJson(), stage.Definition.DependsOn, stage.Stream) })];

    private static StageRecord Analysis(List<StageRecord> records, string kind) =>
        records.First(record => StageDefinition.FromJson(record.Plan.DefinitionJson) is AnalysisStage analysis && analysis.Kind == kind);

    /// <summary>Stops one of an analysis' dictionaries.</summary>
    private static void Stop(List<StageRecord> records, int featureCount, StageRecord orphan) => records
        .First(record => orphan.Plan.DependsOn.Contains(record.Plan.Key)
            && StageDefinition.FromJson(record.Plan.DefinitionJson) is DictionaryStage stage && stage.Dictionary.FeatureCount == featureCount)
        .End(StagePhase.Stopped, "it was worst");
}
