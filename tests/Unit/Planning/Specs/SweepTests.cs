using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Plans;
using Orchestrator.Planning.Specs;
using Xunit;

namespace Orchestrator.Unit.Planning.Specs;

/// <summary>How the lists of a section combine, and what several sections come to.</summary>
public sealed class SweepTests
{
    private const string Head = """
        version: 1
        experiment: test
        corpus: { kind: dotnet-docs }
        tokenizer: { vocabulary_size: 512 }
        model: { d_model: 32, heads: 4 }

        """;

    [Fact]
    public void Lists_AreAGrid() => Assert.Equal(
        [(8, 0.001, 1e-3), (8, 0.001, 2e-3), (8, 0.002, 1e-3), (8, 0.002, 2e-3), (16, 0.001, 1e-3), (16, 0.001, 2e-3), (16, 0.002, 1e-3), (16, 0.002, 2e-3)],
        Definitions("dictionaries: { feature_count: [16, 8], l1_coefficient: [0.002, 0.001], learning_rate: [1e-3, 2e-3], tokens: 4096 }")
            .Select(definition => (definition.FeatureCount, definition.L1Coefficient!.Value, definition.LearningRate)));

    [Fact]
    public void Zip_TakesListsTogether_AndTheRestIsAGrid() => Assert.Equal(
        [(8, 2, 1L), (8, 2, 2L), (16, 4, 1L), (16, 4, 2L)],
        Definitions("dictionaries: { architecture: top-k, feature_count: [8, 16], k: [2, 4], seed: [1, 2], tokens: 4096, sweep: { zip: [feature_count, k] } }")
            .Select(definition => (definition.FeatureCount, definition.K!.Value, (long)definition.Seed)));

    [Fact]
    public void Zip_OfSeveralGroups_IsTheirProduct() => Assert.Equal(
        [(8, 2, 1e-3, 1024), (8, 2, 2e-3, 2048), (16, 2, 1e-3, 1024), (16, 2, 2e-3, 2048)],
        Definitions("dictionaries: { architecture: top-k, feature_count: [8, 16], k: [2, 2], learning_rate: [1e-3, 2e-3], batch_size: [1024, 2048], tokens: 4096, sweep: { zip: [[feature_count, k], [learning_rate, batch_size]] } }")
            .Select(definition => (definition.FeatureCount, definition.K!.Value, definition.LearningRate, definition.BatchSize)));

    [Fact]
    public void Random_DrawsFromRangesAndLists()
    {
        var drawn = Definitions(Random(200)).ToList();

        Assert.Equal(200, drawn.Count);
        Assert.All(drawn, definition => Assert.InRange(definition.L1Coefficient!.Value, 1e-4, 1e-2));
        Assert.All(drawn, definition => Assert.InRange(definition.FeatureCount, 8, 80));
        Assert.All(drawn, definition => Assert.Contains(definition.LearningRate, new[] { 1e-3, 2e-3 }));
        // As many below the geometric mean as above it, and sizes over their whole range: of 200 draws, within five standard deviations.
        Assert.InRange(drawn.Count(definition => definition.L1Coefficient < 1e-3), 65, 135);
        Assert.InRange(drawn.Count(definition => definition.FeatureCount < 44.5), 65, 135);
        Assert.InRange(drawn.Count(definition => definition.LearningRate == 1e-3), 65, 135);
    }

    [Fact]
    public void Random_DrawsTheSameAgain_AndMoreAreTheSameAndOthers()
    {
        var twenty = Definitions(Random(20)).ToHashSet();
        var thirty = Definitions(Random(30)).ToHashSet();

        Assert.Equal(20, twenty.Count);
        Assert.Equal(30, thirty.Count);
        Assert.Subset(Comparable(thirty), Comparable(twenty));
        Assert.NotEqual(Comparable(twenty), Comparable(Definitions(Random(20).Replace("points: 20", "points: 20, seed: 2"))));
        static HashSet<(int, double?, double)> Comparable(IEnumerable<DictionaryDefinition> all) => [.. all.Select(d => (d.FeatureCount, d.L1Coefficient, d.LearningRate))];
    }

    [Fact]
    public void Random_ValuesOfAKeyDoNotDependOnOtherKeys() => Assert.Equal(
        Definitions(Random(20)).Select(definition => definition.L1Coefficient).Order(),
        Definitions(Random(20).Replace(", learning_rate: [1e-3, 2e-3]", "")).Select(definition => definition.L1Coefficient).Order());

    [Fact]
    public void Random_IsAddressedEverywhereAlike() => Assert.Equal(
        [(17, 0.0004371), (45, 0.0006147), (64, 0.0009371)],
        Definitions(Random(3)).Select(definition => (definition.FeatureCount, definition.L1Coefficient!.Value)));

    [Fact]
    public void Labels_SayWhatVaries() => Assert.Equal(
        ["dictionary 8, k 2, learning_rate 0.001, on model seed 1", "dictionary 16, k 4, learning_rate 0.001, on model seed 1", "dictionary 8, k 2, learning_rate 0.002, on model seed 1", "dictionary 16, k 4, learning_rate 0.002, on model seed 1"],
        Labels("dictionaries: { architecture: top-k, feature_count: [8, 16], k: [2, 4], learning_rate: [1e-3, 2e-3], tokens: 4096, sweep: { zip: [feature_count, k] } }").OrderBy(label => label.Contains("0.002")));

    [Fact]
    public void Sections_HaveTheirDefaultsAndNames()
    {
        const string Text = """
            defaults:
              dictionaries: { feature_count: [64, 128], tokens: 4096, k: 8, resampling: { every_steps: 50, dead_after_steps: 20 } }
            dictionaries:
              - architecture: standard
                resampling: { dead_after_steps: 10 }
              - { architecture: top-k, feature_count: 64 }
              - { architecture: matryoshka, feature_count: 64, k: 16, name: nested }

            """;

        Assert.Equal(
            ["dictionary standard 64 on model seed 1", "dictionary standard 128 on model seed 1", "dictionary top-k 64, k 8, on model seed 1", "dictionary nested 64, k 16, on model seed 1"],
            Labels(Text));
        Assert.Equal(
            [(null, 50, 10), (null, 50, 10), (8, 50, 20), ((int?)16, 50, 20)],
            Definitions(Text).Select(definition => (definition.K, definition.Resampling.EverySteps, definition.Resampling.DeadAfterSteps)));
    }

    [Fact]
    public void Sections_ThatDifferInUnsweptKeys_AreToldApart() => Assert.Equal(
        ["dictionary 64, section 1, on model seed 1", "dictionary 64, section 2, on model seed 1"],
        Labels("dictionaries: [{ feature_count: 64, tokens: 4096 }, { feature_count: 64, tokens: 4096, pre_bias: false }]"));

    [Fact]
    public void Sections_ThatAskForTheSame_TrainItOnce() => Assert.Equal(
        ["dictionary 64 on model seed 1", "dictionary 128 on model seed 1"],
        Labels("dictionaries: [{ feature_count: [64, 128], tokens: 4096 }, { feature_count: 64, tokens: 4096 }]"));

    [Fact]
    public void Sections_ShareAStreamWhereTheyCan()
    {
        var plan = Plan("""
            harvest: { hook_point: blocks.0.ln2.hook_normalized, target_hook_point: blocks.0.hook_mlp_out }
            defaults: { dictionaries: { feature_count: 64, tokens: 4096 } }
            dictionaries: [{ architecture: transcoder }, { architecture: standard }, { architecture: gated }, { architecture: gated, batch_size: 1024 }]

            """);
        var stages = plan.Stages.Where(stage => stage.Definition is DictionaryStage).ToList();

        Assert.Equal(3, stages.Select(stage => stage.Stream).Distinct().Count());
        Assert.Equal(stages[1].Stream, stages[2].Stream);
        Assert.NotNull(((DictionaryStage)stages[0].Definition).Harvest.TargetHookPoint);
        Assert.Null(((DictionaryStage)stages[1].Definition).Harvest.TargetHookPoint);
    }

    [Fact]
    public void Analyses_OfSizes_FollowWhatZipGivesEachSize()
    {
        var plan = Plan("""
            dictionaries: { architecture: top-k, feature_count: [8, 16, 32], k: [2, 4, 4], learning_rate: [1e-3, 2e-3], tokens: 4096, sweep: { zip: [feature_count, k] } }
            analyses: [feature-splitting]

            """);

        Assert.Equal(
            ["feature-splitting of 8 → 16 → 32, learning_rate 0.001, on model seed 1", "feature-splitting of 8 → 16 → 32, learning_rate 0.002, on model seed 1"],
            plan.Stages.Where(stage => stage.Definition is AnalysisStage).Select(stage => stage.Label));
    }

    [Fact]
    public void Analyses_OfSizes_DoNotMixArchitectures()
    {
        var plan = Plan("""
            defaults: { dictionaries: { feature_count: [64, 128], tokens: 4096 } }
            dictionaries: [{ architecture: standard }, { architecture: gated }]
            analyses: [feature-splitting]

            """);

        Assert.Equal(
            ["feature-splitting of standard 64 → 128 on model seed 1", "feature-splitting of gated 64 → 128 on model seed 1"],
            plan.Stages.Where(stage => stage.Definition is AnalysisStage).Select(stage => stage.Label));
    }

    [Fact]
    public void Twin_GetsTheLargestOfEachVariant()
    {
        var points = Spec("dictionaries: { feature_count: [8, 16], learning_rate: [1e-3, 2e-3], tokens: 4096 }\n", "heads: 4, random_twin: true").Dictionaries.Points;

        Assert.Equal([(16, 1e-3), (16, 2e-3)], points.Where(point => point.OnRandomTwin).Select(point => (point.Definition.FeatureCount, point.Definition.LearningRate)));
    }

    [Theory]
    [InlineData("{ feature_count: [8, 16], learning_rate: [1e-3, 2e-3, 3e-3], tokens: 4096, sweep: { zip: [feature_count, learning_rate] } }", "6:104: dictionaries.sweep.zip: feature_count has 2 values, learning_rate has 3 values; allowed: lists of one length")]
    [InlineData("{ feature_count: [8, 16], tokens: 4096, sweep: { zip: [feature_count, k] } }", "dictionaries.sweep.zip: k has no list; allowed: keys that the section gives a list of")]
    [InlineData("{ feature_count: [8, 16], tokens: 4096, sweep: { zip: [feature_count] } }", "dictionaries.sweep.zip: wrong value; found '[feature_count]'")]
    [InlineData("{ feature_count: [8, 16], tokens: 4096, sweep: { zip: [feature_count, tokenz] } }", "dictionaries.sweep.zip: wrong value; found 'tokenz'")]
    [InlineData("{ feature_count: [8, 16], tokens: [4096, 8192], seed: [1, 2], sweep: { zip: [[feature_count, tokens], [tokens, seed]] } }", "dictionaries.sweep.zip: tokens stands in two groups")]
    [InlineData("{ feature_count: [8, 16], tokens: 4096, sweep: { random: { points: 3, feature_count: { from: 8, to: 16 } } } }", "dictionaries.sweep.random.feature_count: feature_count stands in the section too; allowed: one of the two")]
    [InlineData("{ tokens: 4096, sweep: { random: { feature_count: { from: 8, to: 16 } } } }", "missing key 'dictionaries.sweep.random.points'; allowed: a whole number from 1 to 1,000")]
    [InlineData("{ tokens: 4096, sweep: { random: { points: 2, feature_count: { from: 16, to: 8 } } } }", "dictionaries.sweep.random.feature_count.to: not above from; found '8'; allowed: above '16'")]
    [InlineData("{ feature_count: 8, tokens: 4096, sweep: { random: { points: 2, l1_coefficient: { from: 0, to: 8, scale: log } } } }", "dictionaries.sweep.random.l1_coefficient.from: a logarithmic scale has no 0; found '0'; allowed: above 0")]
    [InlineData("{ feature_count: 8, tokens: 4096, sweep: { random: { points: 2, l1_coefficient: { from: 0, to: 8, scale: logs } } } }", "dictionaries.sweep.random.l1_coefficient.scale: wrong value; found 'logs'; allowed: linear, log (did you mean 'log'?)")]
    [InlineData("{ feature_count: 8, tokens: 4096, sweep: { random: { points: 2, k: [1, 2] } } }", "dictionaries.sweep.random.k: architecture standard has no such key")]
    [InlineData("{ architecture: top-k, tokens: 4096, sweep: { random: { points: 50, feature_count: { from: 8, to: 64 }, k: { from: 4, to: 16 } } } }", "active features of")]
    [InlineData("{ architecture: top-k, tokens: 4096, feature_count: 8 }", "dictionaries.k: 32 active features of 8; allowed: at most 8 (the feature_count beside it)")]
    [InlineData("{ tokens: 4096, feature_count: 8, learning_rate: [1e-3, 1.0e-3] }", "dictionaries.learning_rate: a value stands twice")]
    [InlineData("[]", "dictionaries: wrong value; found '[]'")]
    [InlineData("[{ feature_count: 8, tokens: 4096 }, 5]", "dictionaries[1]: wrong value; found '5'")]
    [InlineData("[{ feature_count: 8, tokens: 4096 }, { feature_count: x, tokens: 4096 }]", "dictionaries[1].feature_count: wrong value; found 'x'")]
    [InlineData("[{ feature_count: 8, tokens: 4096 }, { tokens: 4096 }]", "missing key 'dictionaries[1].feature_count'")]
    public void Mistakes_NameTheirPlaceAndWhatIsAllowed(string section, string expected) =>
        Assert.Contains(expected.Replace("'[feature_count]'", "[feature_count]").Replace("'[]'", "[]"), Assert.Single(TestSpec.Read($"{Head}dictionaries: {section}\n").Problems).ToString());

    [Fact]
    public void Mistakes_InDefaults_AreToldOnce()
    {
        var problem = Assert.Single(TestSpec.Read(Head + """
            defaults: { dictionaries: { feature_count: many, tokens: 4096 } }
            dictionaries: [{ architecture: standard }, { architecture: gated }]

            """).Problems);

        Assert.StartsWith("test.yaml:6:44: defaults.dictionaries.feature_count: wrong value; found 'many'", problem.ToString());
    }

    [Fact]
    public void Products_HaveALimitThatIsTold()
    {
        var list = string.Join(", ", Enumerable.Range(1, 900));
        var problem = Assert.Single(TestSpec.Read($"{Head}dictionaries: {{ feature_count: [{list}], seed: [{list}], warmup_steps: [{list}], tokens: 4096 }}\n").Problems);

        Assert.Equal("dictionaries: 1 seed × 900 feature_count × 900 warmup_steps × 900 seed are 729,000,000 dictionaries", problem.Message);
        Assert.Equal("at most 1,000", problem.Allowed);
    }

    [Fact]
    public void Products_OfAnalysesHaveALimitToo()
    {
        var sizes = string.Join(", ", Enumerable.Range(1, 1_000));
        var analyses = string.Join(", ", Enumerable.Repeat("feature-report", 51));
        var problem = Assert.Single(TestSpec.Read($"{Head}dictionaries: {{ feature_count: [{sizes}], tokens: 4096 }}\nanalyses: [{analyses}]\n").Problems);

        Assert.Equal("analyses: 51 analyses of 1,000 dictionaries are 51,000 runs", problem.Message);
    }

    private static string Random(int points) =>
        $"dictionaries: {{ tokens: 4096, sweep: {{ random: {{ points: {points}, l1_coefficient: {{ from: 1e-4, to: 1e-2, scale: log }}, feature_count: {{ from: 8, to: 80 }}, learning_rate: [1e-3, 2e-3] }} }} }}\n";

    private static ExperimentSpec Spec(string dictionaries, string model = "heads: 4") => TestSpec.Spec(Head.Replace("heads: 4", model) + dictionaries);

    private static IEnumerable<DictionaryDefinition> Definitions(string dictionaries) => Spec(dictionaries).Dictionaries.Points.Select(point => point.Definition);

    private static ExperimentPlan Plan(string dictionaries) => Planner.Plan(Spec(dictionaries), TestPlugins.Catalog, "fingerprint");

    private static IEnumerable<string> Labels(string dictionaries) =>
        Plan(dictionaries).Stages.Where(stage => stage.Definition is DictionaryStage).Select(stage => stage.Label);
}
