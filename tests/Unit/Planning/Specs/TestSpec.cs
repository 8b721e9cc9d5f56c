using Orchestrator.Planning.Specs;

namespace Orchestrator.Unit.Planning.Specs;

/// <summary>A right spec that tests bend.</summary>
internal static class TestSpec
{
    public const string Text = """
        version: 1
        experiment: test
        corpus: { kind: dotnet-docs }
        tokenizer: { vocabulary_size: 512 }
        model:
          d_model: 32
          heads: 4
          seeds: [1, 2]
          random_twin: true
        harvest:
          hook_point: blocks.0.mlp.hook_post
        dictionaries:
          feature_count: [512, 1_024, 2_048]
          tokens: 300_000
          random_twin: [2_048]
        analyses: [universality, feature-splitting, feature-report]

        """;

    public static SpecReading Read(string text) => SpecReader.ReadText(text, "test.yaml", Repository.Experiments, TestPlugins.Catalog);

    public static ExperimentSpec Spec(string text = Text)
    {
        var reading = Read(text);
        return reading.Spec ?? throw new InvalidOperationException(string.Join('\n', reading.Problems));
    }
}
