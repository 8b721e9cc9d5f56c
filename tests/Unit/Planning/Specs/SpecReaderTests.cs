using System.Text;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Planning.Plans;
using Orchestrator.Planning.Plugins;
using Orchestrator.Planning.Specs;
using Xunit;

namespace Orchestrator.Unit.Planning.Specs;

public sealed class SpecReaderTests
{
    [Fact]
    public void Read_FillsDefaultsInAndKeepsWhatIsGiven()
    {
        var spec = TestSpec.Spec();

        Assert.Equal("test", spec.Name);
        Assert.Equal(TestSpec.Text, spec.Text);
        Assert.Equal(32, spec.Models.Architecture.ModelDim);
        Assert.Equal(512, spec.Models.Architecture.MlpDim);
        Assert.Equal([1UL, 2UL], spec.Models.Seeds);
        Assert.Equal([512, 1_024, 2_048], spec.Dictionaries.Points.Select(point => point.Definition.FeatureCount));
        Assert.All(spec.Dictionaries.Points, point => Assert.Equal(
            (0.004, 300_000L, 25_000),
            (point.Definition.L1Coefficient, point.Definition.Tokens, point.Definition.Resampling.EverySteps)));
        Assert.Equal(["universality", "feature-splitting", "feature-report"], spec.Analyses.Select(analysis => analysis.Kind));
    }

    [Theory]
    [InlineData("1_000_000", 1_000_000)]
    [InlineData("1000000", 1_000_000)]
    [InlineData("1e6", 1_000_000)]
    [InlineData("2.5E5", 250_000)]
    [InlineData("+300000", 300_000)]
    public void Read_TakesWholeNumbersAsPeopleWriteThem(string written, long value) =>
        Assert.Equal(value, TestSpec.Spec(TestSpec.Text.Replace("300_000", written)).Dictionaries.Points[0].Definition.Tokens);

    [Theory]
    [InlineData("'300000'")]
    [InlineData("many")]
    [InlineData("0x10")]
    [InlineData("3.5")]
    [InlineData("1e400")]
    [InlineData("1__000")]
    [InlineData(".inf")]
    [InlineData("[]")]
    [InlineData("{ a: 1 }")]
    [InlineData("99999999999999999999999999999999999")]
    public void Read_RefusesWhatIsNoWholeNumberInRange(string written)
    {
        var problem = Only(TestSpec.Text.Replace("300_000", written));

        Assert.Equal((14, 11), (problem.Line, problem.Column));
        Assert.Equal("dictionaries.tokens: wrong value", problem.Message);
        Assert.StartsWith("a whole number from 1 to 1,000,000,000,000", problem.Allowed);
    }

    // Each case: what to replace, by what, line, column, part of the message, suggestion.
    [Theory]
    [InlineData("d_model: 32", "d_modl: 32", 6, 3, "unknown key 'd_modl' in model", "d_model")]
    [InlineData("harvest:", "harvset:", 10, 1, "unknown key 'harvset'", "harvest")]
    [InlineData("version: 1", "version: 2", 1, 10, "version: wrong value", null)]
    [InlineData("version: 1\n", "", 1, 1, "missing key 'version'", null)]
    [InlineData("  tokens: 300_000\n", "", 13, 3, "missing key 'dictionaries.tokens'", null)]
    [InlineData("  heads: 4", "  heads: 4\n  heads: 8", 8, 3, "key 'heads' stands twice; the first is in line 7", null)]
    [InlineData("heads: 4", "heads: 5", 7, 10, "5 heads do not divide d_model 32", null)]
    [InlineData("random_twin: true", "random_twin: yes", 9, 16, "model.random_twin: wrong value", "true")]
    [InlineData("random_twin: true", "random_twin: false", 15, 16, "the model has no twin", null)]
    [InlineData("random_twin: [2_048]", "random_twin: [4_096]", 15, 16, "4,096 not among feature_count", null)]
    [InlineData("vocabulary_size: 512", "vocabulary_size: 256", 4, 31, "tokenizer.vocabulary_size: wrong value", null)]
    [InlineData("blocks.0.mlp.hook_post", "blocks.0.mlp.hook_pots", 11, 15, "harvest.hook_point: wrong value", "blocks.0.mlp.hook_post")]
    [InlineData("blocks.0.mlp.hook_post", "blocks.0.resid_pre", 11, 15, "harvest.hook_point: wrong value", "blocks.0.hook_resid_pre")]
    [InlineData("blocks.0.mlp.hook_post", "blocks.1.mlp.hook_pots", 11, 15, "harvest.hook_point: wrong value", "blocks.1.mlp.hook_post")]
    [InlineData("blocks.0.mlp.hook_post", "blocks.1.hook_mlp_out", 11, 15, "harvest.hook_point: the model has no layer 1", null)]
    [InlineData("hook_point:", "target_hook_point: blocks.0.hook_mlp_out\n  hook_point:", 11, 22, "architecture standard reconstructs what it reads", null)]
    [InlineData("dictionaries:", "dictionaries:\n  architecture: transcoder", 13, 17, "a transcoder needs something to reconstruct", null)]
    [InlineData("hook_point: blocks.0.mlp.hook_post\ndictionaries:", "target_hook_point: blocks.0.mlp.hook_post\ndictionaries:\n  architecture: transcoder", 11, 22, "the hook point that is read", null)]
    [InlineData("hook_point: blocks.0.mlp.hook_post\ndictionaries:", "target_hook_point: blocks.4.hook_mlp_out\ndictionaries:\n  architecture: transcoder", 11, 22, "harvest.target_hook_point: the model has no layer 4", null)]
    [InlineData("hook_point: blocks.0.mlp.hook_post", "hook_point: [blocks.0.mlp.hook_post]", 11, 15, "harvest.hook_point: wrong value", null)]
    [InlineData("  heads: 4", "  heads: 4\n  activation: swish", 8, 15, "model.activation: wrong value", null)]
    [InlineData("  heads: 4", "  heads: 4\n  normalisation: rmsnorm", 8, 18, "model.normalisation: wrong value", "rms-norm")]
    [InlineData("  heads: 4", "  heads: 4\n  norm_epsilon: 0", 8, 17, "model.norm_epsilon: wrong value", null)]
    [InlineData("dotnet-docs", "dotnet_doc", 3, 17, "corpus.kind: wrong value", "dotnet-docs")]
    [InlineData("kind: dotnet-docs", "kind: dotnet-docs, paths: x", 3, 37, "kind dotnet-docs has no such key", null)]
    [InlineData("kind: dotnet-docs", "kind: text, paths: no/such.txt", 3, 30, "there is no such file", null)]
    [InlineData("kind: dotnet-docs", "kind: text, paths: 'no/such/*.txt'", 3, 30, "this glob matches no file", null)]
    [InlineData("kind: dotnet-docs", "kind: text, paths: ../Plugins", 3, 30, "this is a folder", null)]
    [InlineData("kind: dotnet-docs", "kind: text", 3, 9, "missing key 'corpus.paths'", null)]
    [InlineData("kind: dotnet-docs", "kind: dotnet-docs, validation_fraction: 1", 3, 51, "corpus.validation_fraction: wrong value", null)]
    [InlineData("kind: dotnet-docs", "kind: dotnet-docs, validation_fraction: .nan", 3, 51, "corpus.validation_fraction: wrong value", null)]
    [InlineData("tokens: 300_000", "tokens: 2_047", 14, 11, "dictionaries.tokens: less than one batch", null)]
    [InlineData("analyses:", "evaluation: { tokens: 9_000 }\nanalyses:", 16, 23, "no density below", null)]
    [InlineData("hook_point:", "buffer_vectors: 4_095\n  hook_point:", 11, 19, "smaller than one forward pass", null)]
    [InlineData("  random_twin: [2_048]", "  batch_size: 100_000", 11, 3, "smaller than a dictionary's batch", null)]
    [InlineData("  random_twin: [2_048]", "  resampling: { every_steps: 100 }", 15, 15, "12,500 steps are not over when the first resampling comes", null)]
    [InlineData("  random_twin: [2_048]", "  architecture: topk", 15, 17, "dictionaries.architecture: wrong value", "top-k")]
    [InlineData("  random_twin: [2_048]", "  k: 16", 15, 6, "architecture standard has no such key", null)]
    [InlineData("  random_twin: [2_048]", "  architecture: top-k\n  l1_coefficient: 0.1", 16, 19, "architecture top-k has no such key", null)]
    [InlineData("  random_twin: [2_048]", "  architecture: top-k\n  k: [16, 600]", 16, 6, "600 active features of 512", null)]
    [InlineData("  random_twin: [2_048]", "  architecture: top-k\n  aux_k: { coefficient: -1 }", 16, 25, "dictionaries.aux_k.coefficient: wrong value", null)]
    [InlineData("  random_twin: [2_048]", "  architecture: matryoshka\n  group_fractions: [0.5, 0.25, 1]", 16, 20, "not ascending to 1", null)]
    [InlineData("dictionaries:", "  target_hook_point: blocks.0.hook_mlp_out\ndictionaries:\n  architecture: transcoder\n  aux_k: { features: 4 }", 15, 10, "dictionaries.aux_k: goes with k", null)]
    [InlineData("  random_twin: [2_048]", "  architecture: jump-relu\n  bandwidth: 0", 16, 14, "dictionaries.bandwidth: wrong value", null)]
    [InlineData("  random_twin: [2_048]", "  precision: bf16", 15, 14, "dictionaries.precision: wrong value", null)]
    [InlineData("512, 1_024, 2_048]", "512, 2_048, 2048]", 13, 31, "a value stands twice", null)]
    [InlineData("experiment: test", "experiment: ../Test", 2, 13, "experiment: wrong value", null)]
    [InlineData("experiment: test", "experiment: !!str test", 2, 13, "a tag", null)]
    [InlineData("experiment: test", "experiment:", 2, 12, "experiment: wrong value", null)]
    [InlineData("[universality,", "[nonsense,", 16, 12, "analyses[0]: unknown analysis kind", null)]
    [InlineData("[universality,", "[universallity,", 16, 12, "analyses[0]: unknown analysis kind", "universality")]
    [InlineData("[universality,", "[{ kind: universality, max_token: 5_000 },", 16, 34, "unknown key 'max_token' in analyses[0]", "max_tokens")]
    [InlineData("[universality,", "[{ kind: universality, max_tokens: 5 },", 16, 46, "analyses[0].max_tokens: wrong value", null)]
    [InlineData("[universality,", "[{ kind: universality, order: densty },", 16, 41, "analyses[0].order: wrong value", "density")]
    [InlineData("[universality,", "[{ kind: proxies, patterns: digits },", 16, 39, "analyses[0].patterns: wrong value", null)]
    [InlineData("[universality,", "[{ kind: proxies, patterns: { Digits: x } },", 16, 41, "analyses[0].patterns: wrong name", null)]
    [InlineData("[universality,", "[{ kind: proxies, patterns: { digits: '[0-9' } },", 16, 49, "analyses[0].patterns.digits: no regular expression: UnterminatedBracket at character 4", null)]
    [InlineData("[universality,", "[{ kind: proxies, patterns: { digits: '(?=9)' } },", 16, 49, "analyses[0].patterns.digits: cannot be matched in time that grows with the text only", null)]
    [InlineData("[universality,", "[{ kind: proxies, patterns: { digits: '(a{1,900}){1,900}' } },", 16, 49, "analyses[0].patterns.digits: cannot be matched", null)]
    [InlineData("[universality,", "[{ kind: proxies, patterns: { digits: [x] } },", 16, 49, "analyses[0].patterns.digits: wrong value", null)]
    [InlineData("[universality,", "[{ max_tokens: 5_000 },", 16, 12, "missing key 'analyses[0].kind'", null)]
    [InlineData("[1, 2]", "[1]", 16, 12, "universality compares seeds", null)]
    [InlineData("  d_model: 32", "  training: { tokens: 100 }", 6, 23, "model.training.tokens: less than one batch", null)]
    [InlineData("  d_model: 32", "\td_model: 32", 6, 1, "a tab in the indentation", null)]
    [InlineData("  d_model: 32", "  d_model: [32", 7, 3, "not valid YAML: the text cannot be understood from here on (in model.d_model) (the [ in line 6, column 12 is not closed)", null)]
    [InlineData("  d_model: 32", "  d_model: *nowhere", 6, 12, "alias '*nowhere' names no anchor above it", null)]
    [InlineData("[512, 1_024, 2_048]", "&a [512, *a]", 13, 27, "alias '*a' contains itself", null)]
    public void Read_NamesTheMistakeItsPlaceAndTheNearestName(string right, string wrong, int line, int column, string message, string? suggestion)
    {
        Assert.Contains(right, TestSpec.Text);
        var position = TestSpec.Text.IndexOf(right, StringComparison.Ordinal);
        var problem = Only(TestSpec.Text[..position] + wrong + TestSpec.Text[(position + right.Length)..]);

        Assert.Contains(message, problem.Message);
        Assert.Equal((line, column), (problem.Line, problem.Column));
        Assert.Equal(suggestion, problem.Suggestion);
    }

    [Theory]
    [InlineData("architecture: standard\n  l1_coefficient: [0.1, 0.01]", SparsityParameter.L1Coefficient, new[] { 0.01, 0.1 })]
    [InlineData("architecture: gated", SparsityParameter.L1Coefficient, new[] { 0.004 })]
    [InlineData("architecture: top-k", SparsityParameter.K, new[] { 32.0 })]
    [InlineData("architecture: batch-top-k\n  k: [64, 16]", SparsityParameter.K, new[] { 16.0, 64.0 })]
    [InlineData("architecture: matryoshka\n  k: 8\n  group_fractions: [0.25, 1]", SparsityParameter.K, new[] { 8.0 })]
    [InlineData("architecture: jump-relu\n  l0_coefficient: 1e-3", SparsityParameter.L0Coefficient, new[] { 0.001 })]
    public void Read_TakesWhatMakesAnArchitectureSparse(string section, SparsityParameter parameter, double[] values)
    {
        var points = TestSpec.Spec(TestSpec.Text.Replace("random_twin: [2_048]", section)).Dictionaries.Points.Where(point => point.Definition.FeatureCount == 512).ToList();

        Assert.Equal(values.Select(value => (parameter, value)), points.Select(point => point.Definition.Sparsity));
        var complete = points[0].Definition;
        // Where dead features are woken by aux_k, nothing resamples them unless the spec says so.
        Assert.Equal(parameter == SparsityParameter.K, complete.AuxK is not null);
        Assert.Equal(parameter == SparsityParameter.K ? 0 : 25_000, complete.Resampling.EverySteps);
    }

    [Fact]
    public void Read_ReportsAllMistakesAtOnceInOrder()
    {
        var text = TestSpec.Text
            .Replace("d_model: 32", "d_modl: 32")
            .Replace("300_000", "lots")
            .Replace("vocabulary_size: 512", "vocabulary_size: 12")
            .Replace("feature-splitting", "feature-spliting")
            .Replace("hook_post", "hook_pots");

        var problems = TestSpec.Read(text).Problems;

        Assert.Equal([4, 6, 11, 14, 16], problems.Select(problem => problem.Line));
        Assert.Equal(
            "test.yaml:14:11: dictionaries.tokens: wrong value; found 'lots'; allowed: a whole number from 1 to 1,000,000,000,000",
            problems[3].ToString());
        Assert.EndsWith("(did you mean 'feature-splitting'?)", problems[4].ToString());
    }

    [Theory]
    [InlineData("blocks.0.hook_resid_pre")]
    [InlineData("blocks.2.ln2.hook_normalized")]
    [InlineData("blocks.2.hook_resid_post")]
    public void Read_TakesEveryHookPointOfTheModel(string hookPoint) => Assert.Equal(
        HookPoint.Parse(hookPoint),
        TestSpec.Spec(TestSpec.Text.Replace("blocks.0.mlp.hook_post", hookPoint).Replace("  heads: 4", "  heads: 4\n  layers: 3")).Harvest.HookPoint);

    [Fact]
    public void Read_TakesATranscodersTarget()
    {
        var spec = TestSpec.Spec(TestSpec.Text
            .Replace("blocks.0.mlp.hook_post", "blocks.0.ln2.hook_normalized\n  target_hook_point: blocks.0.hook_mlp_out")
            .Replace("dictionaries:", "dictionaries:\n  architecture: transcoder"));

        Assert.Equal((HookPoint.Parse("blocks.0.ln2.hook_normalized"), HookPoint.Parse("blocks.0.hook_mlp_out")), (spec.Harvest.HookPoint, spec.Harvest.TargetHookPoint));
        Assert.Null(TestSpec.Spec().Harvest.TargetHookPoint);
    }

    [Fact]
    public void Read_SaysWhatHookPointsThereAre()
    {
        Assert.Equal(
            "blocks.L.hook_resid_pre, blocks.L.hook_attn_out, blocks.L.hook_resid_mid, blocks.L.ln2.hook_normalized, blocks.L.mlp.hook_pre, "
            + "blocks.L.mlp.hook_post, blocks.L.hook_mlp_out, blocks.L.hook_resid_post, where L is a layer, from 0",
            Only(TestSpec.Text.Replace("blocks.0.mlp.hook_post", "nowhere")).Allowed);
        Assert.Equal("layers 0 to 2 (model.layers)", Only(TestSpec.Text
            .Replace("blocks.0.mlp.hook_post", "blocks.3.hook_mlp_out").Replace("  heads: 4", "  heads: 4\n  layers: 3")).Allowed);
    }

    [Fact]
    public void Read_CountsTheDictionariesOfASweepThatIsTooLarge()
    {
        var sizes = string.Join(", ", Enumerable.Range(1, 501));
        var problem = Only(TestSpec.Text.Replace("512, 1_024, 2_048", sizes + ", 2_048"));

        Assert.Contains("2 seeds × 502 feature_count are 1,004 dictionaries", problem.Message);
        Assert.Equal("at most 1,000", problem.Allowed);
    }

    [Fact]
    public void Read_SizesAnalysisNeedsTwoSizes()
    {
        var problem = Only(TestSpec.Text.Replace("[512, 1_024, 2_048]", "2_048"));

        Assert.Contains("feature-splitting compares sizes", problem.Message);
    }

    [Fact]
    public void Read_SaysWhyAKnownPluginCannotBeUsed()
    {
        var broken = TestPlugins.Plugin("universality", default) with { State = PluginState.Malfunctioned, Reason = "it is broken" };
        var reading = SpecReader.ReadText(TestSpec.Text.Replace("[universality, feature-splitting, feature-report]", "[universality]"), "test.yaml", "/", new PluginCatalog([broken]));

        Assert.Contains("cannot be used: it is broken", Assert.Single(reading.Problems).Message);
    }

    [Fact]
    public void Read_TakesAnchorsAndAliases()
    {
        var spec = TestSpec.Spec(TestSpec.Text.Replace("[512, 1_024, 2_048]", "&sizes [512, 1_024]").Replace("random_twin: [2_048]", "random_twin: *sizes"));

        Assert.Equal([true, true], spec.Dictionaries.Points.Select(point => point.OnRandomTwin));
    }

    [Fact]
    public void Read_RefusesAliasesThatMultiply()
    {
        var text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 12; i++)
        {
            text.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        }

        var problem = Only(text.ToString());

        Assert.Contains("once its aliases are written out", problem.Message);
    }

    [Fact]
    public void Read_TakesNamedExpressions_WhateverTheirOrder()
    {
        string Plan(string patterns)
        {
            var spec = TestSpec.Spec(TestSpec.Text.Replace("[universality,", $"[{{ kind: proxies, patterns: {patterns} }},"));
            return Planner.Plan(spec, TestPlugins.Catalog, "").Stages.First(stage => stage.Definition is AnalysisStage).Key.Value;
        }

        Assert.Equal(Plan("{ a: '[0-9]+', b: 12 }"), Plan("{ b: '12', a: '[0-9]+' }"));
        Assert.NotEqual(Plan("{ a: '[0-9]+' }"), Plan("{ b: '[0-9]+' }"));
        Assert.NotEqual(Plan("{ a: '[0-9]+' }"), Plan("{}"));
    }

    [Theory]
    [InlineData("", "the spec is empty")]
    [InlineData("# nothing\n", "the spec is empty")]
    [InlineData("- a\n- b\n", "the spec is not a mapping")]
    [InlineData("just text", "the spec is not a mapping")]
    [InlineData("a: \u0007", "a control character")]
    [InlineData("%YAML 9.9\n---\na: 1\n", "not valid YAML")]
    public void Read_TellsWhatIsNoSpecAtAll(string text, string message) =>
        Assert.Contains(message, Assert.Single(TestSpec.Read(text).Problems).Message);

    [Fact]
    public void Read_RefusesASecondDocument() =>
        Assert.Equal((17, 1), (Only(TestSpec.Text + "---\na: 1\n") is var problem ? (problem.Line, problem.Column) : default));

    [Fact]
    public void Read_RefusesDeepNesting()
    {
        Assert.Contains("nested too deep", Only(new string('[', 200_000)).Message);
        Assert.Contains("nested too deep", Only(string.Concat(Enumerable.Repeat("- ", 200_000))).Message);
    }

    [Fact]
    public void Read_CountsMistakesBeyondTheFirstHundred()
    {
        var problems = TestSpec.Read(string.Concat(Enumerable.Range(0, 500).Select(i => $"key{i}: 1\n"))).Problems;

        Assert.Equal(SpecReader.MaxProblems + 1, problems.Count);
        Assert.Contains("more mistakes", problems[^1].Message);
    }

    [Fact]
    public void Read_ShowsHostileTextHarmlessly()
    {
        var problem = Only(TestSpec.Text.Replace("experiment: test", "experiment: \"\\e[2J\\u202e" + new string('x', 500) + "\""));

        Assert.DoesNotContain('\u001b', problem.ToString());
        Assert.DoesNotContain('\u202e', problem.ToString());
        Assert.InRange(problem.ToString().Length, 1, 250);
    }

    [Fact]
    public void ReadFile_TellsWhatFileCannotBeASpec()
    {
        using var folder = new TemporaryFolder();
        var binary = Path.Combine(folder.Path, "binary.yaml");
        File.WriteAllBytes(binary, [.. "version: 1\nab"u8, 0xff, 0xfe]);

        Assert.Contains("no such file", Message(Path.Combine(folder.Path, "none.yaml")));
        Assert.Contains("a folder", Message(folder.Path));
        Assert.Contains("1 MiB", Assert.Single(Read(folder.Write("long.yaml", new string('#', (1 << 20) + 1))).Problems).Allowed);
        Assert.Contains("cannot be read", Message(""));
        Assert.Contains("cannot be read", Message("a\0b"));
        var problem = Assert.Single(Read(binary).Problems);
        Assert.Equal((2, 3), (problem.Line, problem.Column));
        Assert.Contains("not UTF-8", problem.Message);

        static SpecReading Read(string path) => SpecReader.ReadFile(path, TestPlugins.Catalog);
        static string Message(string path) => Assert.Single(Read(path).Problems).Message;
    }

    [Fact]
    public void ReadFile_TakesPathsRelativeToTheSpec()
    {
        using var folder = new TemporaryFolder();
        var text = folder.Write("data/deep/a.txt", "text");
        var spec = folder.Write("spec.yaml", "\ufeff" + TestSpec.Text.Replace("kind: dotnet-docs", "kind: text, separator: \"\\f\", paths: [data/deep/a.txt, 'data/**/*.txt']"));

        var reading = SpecReader.ReadFile(spec, TestPlugins.Catalog);

        Assert.Empty(reading.Problems);
        Assert.Equal([text, Path.Combine(folder.Path, "data/**/*.txt")], reading.Spec!.Corpus.Paths);
        Assert.Equal("\f", reading.Spec.Corpus.Separator);
    }

    private static SpecProblem Only(string text) => Assert.Single(TestSpec.Read(text).Problems);
}
