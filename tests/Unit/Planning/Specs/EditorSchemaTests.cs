using System.Text.Json;
using Json.Schema;
using Orchestrator.Planning.Specs;
using Xunit;

namespace Orchestrator.Unit.Planning.Specs;

public sealed class EditorSchemaTests
{
    /// <summary>After a change of the keys, run the tests once with this set to 1 and commit the files.</summary>
    private const string UpdateVariable = "ORCHESTRATOR_UPDATE_REFERENCE";

    private static readonly JsonSchema Spec = JsonSchema.FromText(EditorSchema.OfSpec());
    private static readonly JsonSchema Installed = JsonSchema.FromText(EditorSchema.OfSpec(TestPlugins.Catalog));
    private static readonly JsonSchema Cluster = JsonSchema.FromText(EditorSchema.OfCluster());

    [Theory]
    [InlineData("spec.schema.json")]
    [InlineData("cluster.schema.json")]
    public void Write_GivesTheCommittedSchema(string name)
    {
        var path = Path.Combine(Repository.Experiments, name);
        var written = name == "spec.schema.json" ? EditorSchema.OfSpec() : EditorSchema.OfCluster();
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            File.WriteAllText(path, written);
        }

        Assert.Equal(written, File.ReadAllText(path).ReplaceLineEndings("\n"));
    }

    [Theory]
    [MemberData(nameof(ShippedSpecsTests.Specs), MemberType = typeof(ShippedSpecsTests))]
    public void Schema_AcceptsEveryShippedSpec_AndIsNamedInIt(string name)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Experiments, name));

        Assert.StartsWith("# yaml-language-server: $schema=spec.schema.json\n", text, StringComparison.Ordinal);
        Assert.Equal("", Problems(Spec, text));
        Assert.Equal("", Problems(Installed, text));
    }

    [Theory]
    [InlineData("tokens: 300_000", "tokens: 3e5")]
    [InlineData("tokens: 300_000", "tokens: [300_000, 600000]")]
    [InlineData("  random_twin: [2_048]", "  architecture: top-k\n  k: [16, 32, 64]\n  sweep: { zip: [feature_count, k] }")]
    [InlineData("  random_twin: [2_048]", "  sweep: { random: { points: 4, l1_coefficient: { from: 1e-4, to: 0.1, scale: log } } }")]
    [InlineData("dictionaries:", "defaults: { dictionaries: { k: 3, l0_coefficient: 0.1 } }\ndictionaries:")]
    [InlineData("experiment: test", "experiment: 2026")]
    [InlineData("{ kind: dotnet-docs }", "{ kind: text, paths: ../Plugins/**/*.cs }")]
    public void Schema_AcceptsWhatTheReaderDoes(string old, string changed)
    {
        var text = TestSpec.Text.Replace(old, changed);

        Assert.Empty(TestSpec.Read(text).Problems);
        Assert.Equal("", Problems(Spec, text));
        Assert.Equal("", Problems(Installed, text));
    }

    [Theory]
    [InlineData("d_model: 32", "d_modl: 32", "/model")]
    [InlineData("version: 1", "version: 2", "/version")]
    [InlineData("version: 1\n", "", "")]
    [InlineData("vocabulary_size: 512", "vocabulary_size: 12", "/tokenizer")]
    [InlineData("kind: dotnet-docs", "kind: docs", "/corpus")]
    [InlineData("kind: dotnet-docs", "kind: text", "/corpus")]
    [InlineData("kind: dotnet-docs", "kind: dotnet-docs, separator: x", "/corpus")]
    [InlineData("random_twin: true", "random_twin: maybe", "/model/random_twin")]
    [InlineData("300_000", "lots", "/dictionaries")]
    [InlineData("300_000", "0", "/dictionaries")]
    [InlineData("  random_twin: [2_048]", "  architecture: topk", "/dictionaries")]
    [InlineData("  random_twin: [2_048]", "  architecture: top-k\n  l1_coefficient: 0.1", "/dictionaries")]
    [InlineData("  random_twin: [2_048]", "  sweep: { zip: [feature_count] }", "/dictionaries")]
    [InlineData("  random_twin: [2_048]", "  sweep: { random: { points: 4, learning_rate: { from: 1 } } }", "/dictionaries")]
    [InlineData("blocks.0.mlp.hook_post", "blocks.0.mlp.post", "/harvest")]
    [InlineData("experiment: test", "experiment: My Test", "/experiment")]
    [InlineData("analyses: [universality,", "analyses: [universallity,", "/analyses")]
    [InlineData("analyses: [universality,", "analyses: [{ kind: universality, max_token: 5_000 },", "/analyses")]
    [InlineData("analyses: [universality,", "analyses: [{ kind: universality, max_tokens: 5 },", "/analyses")]
    public void Schema_RefusesTypicalMistakes(string right, string wrong, string place)
    {
        var text = TestSpec.Text.Replace(right, wrong);

        Assert.NotEmpty(TestSpec.Read(text).Problems);
        Assert.Contains($"\n{place}", "\n" + Problems(Installed, text));
    }

    [Theory]
    [InlineData("version: 1\nstore: /data\ndevices: [cpu, cuda:0]\nports: { control: 11111 }\n", true)]
    [InlineData("version: 1\ndevices: gpu\n", false)]
    [InlineData("version: 1\nports: { control: 80 }\n", false)]
    [InlineData("devices: cpu\n", false)]
    public void ClusterSchema_KnowsItsKeys(string text, bool right) => Assert.Equal(right, Problems(Cluster, text).Length == 0);

    /// <summary>A line each, with its place before a colon; empty: none.</summary>
    private static string Problems(JsonSchema schema, string yaml)
    {
        var found = schema.Evaluate(JsonSerializer.SerializeToElement(YamlAsJson.Read(yaml)), new EvaluationOptions { OutputFormat = OutputFormat.List });
        return found.IsValid ? "" : string.Join('\n', (found.Details ?? [])
            .Where(detail => detail.Errors is not null)
            .Select(detail => $"{detail.InstanceLocation}: {string.Join("; ", detail.Errors!.Values)}"));
    }
}
