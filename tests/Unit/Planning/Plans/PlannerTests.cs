using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Plans;
using Orchestrator.Planning.Plugins;
using Orchestrator.Unit.Planning.Specs;
using Xunit;

namespace Orchestrator.Unit.Planning.Plans;

public sealed class PlannerTests
{
    [Fact]
    public void Plan_PutsEveryStageOnceAfterThoseItReads()
    {
        var plan = Plan(TestSpec.Text);

        var known = new HashSet<StageKey>();
        foreach (var stage in plan.Stages)
        {
            Assert.Equal(StageAddress.Of(stage.Definition), stage.Key);
            Assert.Subset(known, stage.Definition.DependsOn.ToHashSet());
            Assert.True(known.Add(stage.Key));
        }
    }

    [Fact]
    public void Plan_LabelsStagesForPeople() => Assert.Equal(
        [
            "tokenizer", "tokens", "model seed 1", "model seed 2", "random twin of model seed 1",
            "dictionary 512 on model seed 1", "dictionary 1,024 on model seed 1", "dictionary 2,048 on model seed 1",
            "dictionary 512 on model seed 2", "dictionary 1,024 on model seed 2", "dictionary 2,048 on model seed 2",
            "dictionary 2,048 on random twin of model seed 1",
            "universality of 512 on model seeds 1 and 2", "universality of 1,024 on model seeds 1 and 2", "universality of 2,048 on model seeds 1 and 2",
            "feature-splitting of 512 → 1,024 → 2,048 on model seed 1", "feature-splitting of 512 → 1,024 → 2,048 on model seed 2",
            "feature-report of 512 on model seed 1", "feature-report of 1,024 on model seed 1", "feature-report of 2,048 on model seed 1",
            "feature-report of 512 on model seed 2", "feature-report of 1,024 on model seed 2", "feature-report of 2,048 on model seed 2",
        ],
        Plan(TestSpec.Text).Stages.Select(stage => stage.Label));

    [Fact]
    public void Plan_DoesNotDependOnLayoutCommentsDescriptionOrOrder()
    {
        var bent = TestSpec.Text
            .Replace("experiment: test", "experiment: test   # a comment\ndescription: words")
            .Replace("[512, 1_024, 2_048]", "\n    - 2048\n    - 5.12e2\n    - 1024")
            .Replace("  d_model: 32\n  heads: 4\n", "  heads: 4\n  d_model: 32\n  activation: relu\n  normalisation: layer-norm\n  norm_epsilon: 0.00001\n")
            .Replace("feature-report]", "{ kind: feature-report, threshold: 4.0e-1, max_tokens: 5e4 }]");

        Assert.Equal(Plan(TestSpec.Text).Id, Plan(bent).Id);
        Assert.Equal(Plan(TestSpec.Text).Stages.Select(stage => stage.Key), Plan(bent).Stages.Select(stage => stage.Key));
    }

    [Fact]
    public void Plan_IdIsTheNameAndAHash() => Assert.Matches("^test-[0-9a-f]{8}$", Plan(TestSpec.Text).Id.Value);

    [Theory]
    [InlineData("300_000", "300_001")]
    [InlineData("512, 1_024", "513, 1_024")]
    [InlineData("seeds: [1, 2]", "seeds: [1, 3]")]
    [InlineData("  heads: 4", "  heads: 4\n  activation: gelu")]
    [InlineData("  heads: 4", "  heads: 4\n  normalisation: rms-norm")]
    [InlineData("  heads: 4", "  heads: 4\n  norm_epsilon: 1.0e-6")]
    [InlineData("mlp.hook_post", "mlp.hook_pre")]
    [InlineData("dotnet-docs", "dotnet-docs, validation_fraction: 0.1")]
    [InlineData("feature-report]", "{ kind: feature-report, figures: false }]")]
    public void Plan_ChangesItsIdWithWhatItComputes(string old, string changed) =>
        Assert.NotEqual(Plan(TestSpec.Text).Id, Plan(TestSpec.Text.Replace(old, changed)).Id);

    [Fact]
    public void Plan_ChangesEveryKeyWithTheCorpus()
    {
        var spec = TestSpec.Spec();
        var keys = Planner.Plan(spec, TestPlugins.Catalog, "one").Stages.Select(stage => stage.Key);

        Assert.Empty(keys.Intersect(Planner.Plan(spec, TestPlugins.Catalog, _ => "two").Stages.Select(stage => stage.Key)));
    }

    [Fact]
    public void Plan_AddingASizeAddsOnlyItsDictionariesAndWhatComparesSizes()
    {
        var before = Plan(TestSpec.Text).Stages.Select(stage => stage.Key).ToHashSet();
        var added = Plan(TestSpec.Text.Replace("[512, 1_024, 2_048]", "[512, 1_024, 2_048, 4_096]")).Stages.Where(stage => !before.Contains(stage.Key));

        Assert.Equal(
            ["dictionary 4,096 on model seed 1", "dictionary 4,096 on model seed 2"],
            added.Where(stage => stage.Definition is not AnalysisStage).Select(stage => stage.Label));
        Assert.Equal(1 + 2 + 2, added.Count(stage => stage.Definition is AnalysisStage));
    }

    [Fact]
    public void Plan_AddingASeedChangesNoDictionaryOfTheOthers()
    {
        var after = Plan(TestSpec.Text.Replace("[1, 2]", "[1, 2, 3]")).Stages.Select(stage => stage.Key).ToHashSet();

        Assert.Subset(after, Plan(TestSpec.Text).Stages.Select(stage => stage.Key).ToHashSet());
    }

    [Fact]
    public void Plan_AChangedPluginComputesOnlyItsAnalysesAnew()
    {
        var changed = new PluginCatalog(TestPlugins.Catalog.Plugins.Select(plugin => plugin.Name == "feature-report" ? plugin with { Sha256 = "11" } : plugin));
        var before = Plan(TestSpec.Text).Stages.Select(stage => stage.Key).ToHashSet();

        Assert.All(
            Planner.Plan(TestSpec.Spec(), changed, "fingerprint").Stages.Where(stage => !before.Contains(stage.Key)),
            stage => Assert.StartsWith("feature-report", stage.Label));
    }

    [Fact]
    public void Plan_SidesOfAPairReadOtherTokensFromOtherSeeds_AndTheTwinTheSame()
    {
        var dictionaries = Plan(TestSpec.Text).Stages.Where(stage => stage.Label.StartsWith("dictionary 2,048", StringComparison.Ordinal)).ToList();
        var definitions = dictionaries.Select(stage => (DictionaryStage)stage.Definition).ToList();

        Assert.NotEqual(definitions[0].Harvest.Seed, definitions[1].Harvest.Seed);
        Assert.NotEqual(definitions[0].Dictionary.Seed, definitions[1].Dictionary.Seed);
        Assert.Equal(definitions[0].Harvest, definitions[2].Harvest);
        Assert.Equal(definitions[0].Dictionary, definitions[2].Dictionary);
        Assert.Equal(3, dictionaries.Select(stage => stage.Stream).Distinct().Count());
    }

    [Fact]
    public void Plan_DictionariesOfAModelShareItsStream() => Assert.All(
        Plan(TestSpec.Text).Stages.Where(stage => stage.Definition is DictionaryStage).GroupBy(stage => ((DictionaryStage)stage.Definition).Model),
        group => Assert.Single(group.Select(stage => stage.Stream).Distinct()));

    [Fact]
    public void Plan_GivesAnalysesTheirInputsNullsAndEveryOption()
    {
        var plan = Plan(TestSpec.Text);
        var names = plan.Stages.ToDictionary(stage => stage.Key, stage => stage.Label);
        var analysis = (AnalysisStage)plan.Stages.First(stage => stage.Label.StartsWith("universality of 1,024", StringComparison.Ordinal)).Definition;

        Assert.Equal(["dictionary 1,024 on model seed 1", "dictionary 1,024 on model seed 2"], analysis.Dictionaries.Select(key => names[key]));
        Assert.Equal(["dictionary 2,048 on random twin of model seed 1"], analysis.NullDictionaries.Select(key => names[key]));
        Assert.Equal(["model seed 1", "model seed 2", "random twin of model seed 1"], analysis.Models.Select(key => names[key]));
        Assert.Equal(
            """{"figures":true,"max_tokens":50000,"order":"density","threshold":0.4}""",
            JsonSerializer.Serialize(analysis.Options));
    }

    [Fact]
    public void Plan_OfTwoSweeps_ComparesOnlyEqualCoefficients()
    {
        var plan = Plan(TestSpec.Text.Replace("  tokens: 300_000", "  tokens: 300_000\n  l1_coefficient: [0.004, 0.002]"));

        Assert.Contains("feature-splitting of 512 → 1,024 → 2,048, λ 0.002, on model seed 1", plan.Stages.Select(stage => stage.Label));
        Assert.All(plan.Stages.Select(stage => stage.Definition).OfType<AnalysisStage>(), analysis => Assert.Single(
            analysis.Dictionaries.Concat(analysis.NullDictionaries).Select(key => Coefficient(plan, key)).Distinct()));
    }

    [Fact]
    public void Plan_OfThreeSeeds_PairsConsecutiveOnes() => Assert.Equal(
        ["1 and 5", "5 and 3"],
        Plan(TestSpec.Text.Replace("[1, 2]", "[1, 5, 3]")).Stages
            .Where(stage => stage.Label.StartsWith("universality of 512", StringComparison.Ordinal))
            .Select(stage => stage.Label.Split("seeds ")[1]));

    [Fact]
    public void Plan_WithATwinAndNoSizesForIt_TakesTheLargest() => Assert.Single(
        Plan(TestSpec.Text.Replace("  random_twin: [2_048]\n", "")).Stages,
        stage => stage.Label == "dictionary 2,048 on random twin of model seed 1");

    [Fact]
    public void Plan_AnAnalysisAskedForTwiceRunsOnce() =>
        Assert.Equal(Plan(TestSpec.Text).Stages.Count, Plan(TestSpec.Text.Replace("[universality,", "[universality, universality,")).Stages.Count);

    [Fact]
    public void Plan_WithAnotherCatalogThanTheSpecWasReadWith_IsAnError() =>
        Assert.Throws<ArgumentException>(() => Planner.Plan(TestSpec.Spec(), PluginCatalog.Empty, ""));

    [Fact]
    public void Plan_DefinitionsSurviveTheirJson() => Assert.All(
        Plan(TestSpec.Text).Stages,
        stage => Assert.Equal(stage.Key, StageAddress.Of(StageDefinition.FromJson(stage.Definition.ToJson()))));

    [Fact]
    public void Status_TellsWhatIsCachedAndWhatIsToCompute()
    {
        using var folder = new TemporaryFolder();
        var store = new ArtefactStore(new StoreLayout(folder.Path), TimeProvider.System);
        var plan = Plan(TestSpec.Text);
        folder.Write("work/tokenizer/tokenizer.json", "{}");
        store.Publish(plan.Stages[0].Key, plan.Stages[0].Definition.ToJson(), Path.Combine(folder.Path, "work/tokenizer"));

        var status = PlanStatus.Of(plan, store);

        Assert.Equal([plan.Stages[0]], status.Cached);
        Assert.Equal(plan.Stages.Skip(1), status.ToCompute);
        Assert.Empty(store.Verify(plan.Stages[0].Key));
    }

    private static ExperimentPlan Plan(string text) => Planner.Plan(TestSpec.Spec(text), TestPlugins.Catalog, "fingerprint");

    private static double Coefficient(ExperimentPlan plan, StageKey dictionary) =>
        ((DictionaryStage)plan.Stages.First(stage => stage.Key == dictionary).Definition).Dictionary.L1Coefficient!.Value;
}
