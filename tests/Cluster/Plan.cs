using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Cluster;

/// <summary>A small plan: a tokenizer, tokens, a model, dictionaries on its one stream, an analysis of the first.</summary>
public sealed class Plan
{
    /// <summary>Of dictionaries that compete: a rung's percents are its step.</summary>
    public const long CompetingSteps = 100;

    private static readonly CorpusDefinition Corpus = new() { Kind = "text" };

    public Plan(params int[] featureCounts)
        : this(null, featureCounts)
    {
    }

    private Plan(EarlyStop? earlyStop, int[] featureCounts)
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
                    new DictionaryDefinition { FeatureCount = count, Tokens = earlyStop is null ? 1 : CompetingSteps * 10, BatchSize = 10, Seed = 1 },
                    new EvaluationDefinition()),
                "stream of the model",
                earlyStop));
        }

        Analysis = AddAnalysis("feature-report", tokens, [.. Dictionaries.Take(1)]);
        if (earlyStop is not null)
            Sizes = AddAnalysis("feature-splitting", tokens, Dictionaries);
    }

    /// <summary>One whose dictionaries compete, with an analysis of all their sizes besides.</summary>
    public static Plan Competing(EarlyStop earlyStop, params int[] featureCounts) => new(earlyStop, featureCounts);

    public List<PlannedStage> Stages { get; } = [];

    public StageKey Tokenizer { get; }

    public StageKey Model { get; }

    public List<StageKey> Dictionaries { get; } = [];

    public StageKey Analysis { get; }

    /// <summary>Of all dictionaries together, where they compete.</summary>
    public StageKey Sizes { get; }

    public ExperimentSubmission Submission => new("test", "name: test", Stages);

    /// <summary>The same stages, of which none is stopped early.</summary>
    public ExperimentSubmission Whole => Submission with { Stages = [.. Stages.Select(stage => stage with { EarlyStop = null })] };

    public PlannedStage Stage(StageKey key) => Stages.Single(stage => stage.Key == key);

    private StageKey AddAnalysis(string kind, StageKey tokens, IReadOnlyList<StageKey> dictionaries) => Add(new AnalysisStage(
        kind, kind, "1.0.0", "", Tokenizer, tokens, dictionaries, [], [Model], new Dictionary<string, System.Text.Json.JsonElement>(), 1));

    private StageKey Add(StageDefinition definition, string? stream = null, EarlyStop? earlyStop = null)
    {
        var key = StageAddress.Of(definition);
        Stages.Add(new PlannedStage(key, definition.Prefix, definition.ToJson(), definition.DependsOn, stream) { EarlyStop = earlyStop });
        return key;
    }
}
