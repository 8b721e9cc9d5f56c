using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;

namespace Orchestrator.Planning.Estimates;

/// <summary>What the time of a computation depends on.</summary>
/// <param name="Kind">Only computations of equal kind are compared.</param>
/// <param name="Size">By which their rates differ: parameters of a model, features of dictionaries.</param>
/// <param name="Units">With which the time grows in proportion: tokens, activation vectors; 1 where there is nothing to count.</param>
internal sealed record StageCost(string Kind, double Size, double Units)
{
    /// <summary>Of what a stage computes by itself: of a dictionary its own steps.</summary>
    /// <param name="stage">What it computes.</param>
    /// <param name="find">The definitions of the stages it reads; null where one is not known.</param>
    /// <returns>Null where what it depends on is not known.</returns>
    public static StageCost? Of(StageDefinition stage, Func<StageKey, StageDefinition?> find) => stage switch
    {
        TokenizerStage tokenizer => new StageCost($"tokenizer of {Text(tokenizer.Corpus)}", tokenizer.Tokenizer.VocabularySize, 1),
        TokensStage tokens => new StageCost($"tokens of {Text(tokens.Corpus)}", 1, 1),
        ModelStage model when ModelSize.Parameters(model, find) is { } parameters => new StageCost($"model of {model.Architecture.Layers} layers", parameters, model.Training.Tokens),
        RandomTwinStage twin when find(twin.Model) is ModelStage model && ModelSize.Parameters(model, find) is { } parameters =>
            new StageCost("random twin", parameters, model.Training.ValidationTokens),
        DictionaryStage dictionary when ModelSize.Widths(dictionary, find) is { } widths =>
            new StageCost($"{dictionary.Dictionary.Architecture} dictionary of width {widths.Input} to {widths.Output}", dictionary.Dictionary.FeatureCount, dictionary.Dictionary.Tokens),
        AnalysisStage analysis when FeaturesOf(analysis, find) is { } features => new StageCost($"analysis {analysis.Kind}", features, Tokens(analysis)),
        _ => null,
    };

    /// <summary>Of what the dictionaries of a stream share: the harvest, and passes of the evaluation.</summary>
    public static StageCost? OfStream(DictionaryStage stage, Func<StageKey, StageDefinition?> find) =>
        ModelSize.Of(stage.Model, find) is { } model && ModelSize.Parameters(model, find) is { } parameters
            ? new StageCost($"stream of {stage.Harvest.HookPoint.Kind}", parameters, stage.Dictionary.Tokens)
            : null;

    /// <summary>What is read decides the time, not what it holds now.</summary>
    private static string Text(CorpusDefinition corpus) => JsonSerializer.Serialize(corpus with { Fingerprint = "" }, StageDefinition.Json);

    private static double? FeaturesOf(AnalysisStage analysis, Func<StageKey, StageDefinition?> find)
    {
        var sizes = analysis.Dictionaries.Concat(analysis.NullDictionaries).Select(key => (find(key) as DictionaryStage)?.Dictionary.FeatureCount).ToList();
        return sizes.Contains(null) ? null : sizes.Sum();
    }

    private static double Tokens(AnalysisStage analysis) =>
        analysis.Options.TryGetValue("max_tokens", out var tokens) && tokens.ValueKind == JsonValueKind.Number ? Math.Max(1, tokens.GetDouble()) : 1;
}
