using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Cluster;

/// <summary>A small plan: a tokenizer, tokens, a model, dictionaries on its one stream, an analysis of the first.</summary>
public sealed class Plan
{
    private static readonly CorpusDefinition Corpus = new() { Kind = "text" };

    public Plan(params int[] featureCounts)
    {
        var tokenizer = Add(new TokenizerStage(Corpus, new TokenizerDefinition { VocabularySize = 300 }));
        var tokens = Add(new TokensStage(Corpus, tokenizer));
        Tokenizer = tokenizer;
        Model = Add(new ModelStage(tokenizer, tokens, new TransformerDefinition(), new TransformerTrainingDefinition(), 1));
        foreach (var count in featureCounts)
        {
            Dictionaries.Add(Add(
                new DictionaryStage(
                    tokenizer,
                    tokens,
                    Model,
                    new HarvestDefinition { Seed = 1 },
                    new DictionaryDefinition { FeatureCount = count, Tokens = 1, Seed = 1 },
                    new EvaluationDefinition()),
                "stream of the model"));
        }

        Analysis = Add(new AnalysisStage(
            "feature-report",
            "feature-report",
            "1.0.0",
            "",
            tokenizer,
            tokens,
            [.. Dictionaries.Take(1)],
            [],
            [Model],
            new Dictionary<string, System.Text.Json.JsonElement>(),
            1));
    }

    public List<PlannedStage> Stages { get; } = [];

    public StageKey Tokenizer { get; }

    public StageKey Model { get; }

    public List<StageKey> Dictionaries { get; } = [];

    public StageKey Analysis { get; }

    public ExperimentSubmission Submission => new("test", "name: test", Stages);

    public PlannedStage Stage(StageKey key) => Stages.Single(stage => stage.Key == key);

    private StageKey Add(StageDefinition definition, string? stream = null)
    {
        var key = StageAddress.Of(definition);
        Stages.Add(new PlannedStage(key, definition.Prefix, definition.ToJson(), definition.DependsOn, stream));
        return key;
    }
}
