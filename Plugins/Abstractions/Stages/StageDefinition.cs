using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Abstractions.Stages;

/// <summary>
/// Everything that decides what a stage computes, and nothing else: its canonical JSON is hashed into its
/// <see cref="StageKey"/>. It names the stages that it reads by their keys.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "stage")]
[JsonDerivedType(typeof(TokenizerStage), "tokenizer")]
[JsonDerivedType(typeof(TokensStage), "tokens")]
[JsonDerivedType(typeof(ModelStage), "model")]
[JsonDerivedType(typeof(RandomTwinStage), "random-twin")]
[JsonDerivedType(typeof(DictionaryStage), "dictionary")]
[JsonDerivedType(typeof(ImportStage), "import")]
[JsonDerivedType(typeof(ExportStage), "export")]
[JsonDerivedType(typeof(AnalysisStage), "analysis")]
public abstract record StageDefinition
{
    /// <summary>How definitions are written as JSON: in the hash, in messages and in <c>artefact.json</c>.</summary>
    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new StageKeyJsonConverter() },
    };

    /// <summary>Raised when the meaning of a stage changes, so that what was computed before is not taken for it.</summary>
    public int Revision { get; init; } = 1;

    /// <summary>The stages whose artefacts this one reads.</summary>
    [JsonIgnore]
    public abstract IReadOnlyList<StageKey> DependsOn { get; }

    /// <summary>First part of the key: <c>tokenizer</c>, <c>tokens</c>, <c>model</c>, <c>dictionary</c>, <c>export</c> or <c>analysis</c>.</summary>
    [JsonIgnore]
    public abstract string Prefix { get; }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <exception cref="JsonException">The text is not a stage's definition.</exception>
    public static StageDefinition FromJson(string json) =>
        JsonSerializer.Deserialize<StageDefinition>(json, Json) ?? throw new JsonException("The definition of a stage is null.");
}

/// <summary>Trains a tokenizer. Artefact: <c>tokenizer.json</c>.</summary>
public sealed record TokenizerStage(CorpusDefinition Corpus, TokenizerDefinition Tokenizer) : StageDefinition
{
    public override IReadOnlyList<StageKey> DependsOn => [];

    public override string Prefix => "tokenizer";
}

/// <summary>Encodes the corpus. Artefact: <c>train.tokens</c>, <c>validation.tokens</c> (see the Text room's TokenFile).</summary>
public sealed record TokensStage(CorpusDefinition Corpus, StageKey Tokenizer) : StageDefinition
{
    public override IReadOnlyList<StageKey> DependsOn => [Tokenizer];

    public override string Prefix => "tokens";
}

/// <summary>Trains a transformer. Artefact: <c>model.safetensors</c>, <c>config.json</c>, <c>result.json</c>.</summary>
public sealed record ModelStage(
    StageKey Tokenizer,
    StageKey Tokens,
    TransformerDefinition Architecture,
    TransformerTrainingDefinition Training,
    ulong Seed) : StageDefinition
{
    public override IReadOnlyList<StageKey> DependsOn => [Tokenizer, Tokens];

    public override string Prefix => "model";
}

/// <summary>
/// The random control: the entries of each weight matrix of a trained model shuffled, so that weight distributions are
/// kept (paper, "Random control"). Same artefact as a model.
/// </summary>
public sealed record RandomTwinStage(StageKey Tokenizer, StageKey Tokens, StageKey Model, ulong Seed) : StageDefinition
{
    public override IReadOnlyList<StageKey> DependsOn => [Tokenizer, Tokens, Model];

    public override string Prefix => "model";
}

/// <summary>
/// Trains one dictionary on a model's stream. Artefact: <c>sae.safetensors</c>, <c>config.json</c>,
/// <c>features.parquet</c>, <c>result.json</c>.
/// </summary>
public sealed record DictionaryStage(
    StageKey Tokenizer,
    StageKey Tokens,
    StageKey Model,
    HarvestDefinition Harvest,
    DictionaryDefinition Dictionary,
    EvaluationDefinition Evaluation) : StageDefinition, IDictionaryStage
{
    public override IReadOnlyList<StageKey> DependsOn => [Tokenizer, Tokens, Model];

    public override string Prefix => "dictionary";
}

/// <summary>Runs one analysis. Artefact: <c>result.json</c> and what the analysis writes.</summary>
/// <param name="Kind">Which analysis.</param>
/// <param name="Plugin">The plugin's id.</param>
/// <param name="PluginVersion">The plugin's version.</param>
/// <param name="PluginSha256">SHA-256 over the plugin's folder: a changed plugin computes anew.</param>
/// <param name="Tokenizer">The tokenizer of every input.</param>
/// <param name="Tokens">The tokens to analyse (validation split).</param>
/// <param name="Dictionaries">Inputs, in the order that the analysis' input shape defines.</param>
/// <param name="NullDictionaries">Dictionaries of random twins, of the sizes that are there.</param>
/// <param name="Models">The models of all dictionaries above, without repetition.</param>
/// <param name="Options">Every option of the analysis by name, defaults filled in.</param>
/// <param name="Seed">Seed of whatever the analysis samples.</param>
public sealed record AnalysisStage(
    string Kind,
    string Plugin,
    string PluginVersion,
    string PluginSha256,
    StageKey Tokenizer,
    StageKey Tokens,
    IReadOnlyList<StageKey> Dictionaries,
    IReadOnlyList<StageKey> NullDictionaries,
    IReadOnlyList<StageKey> Models,
    IReadOnlyDictionary<string, JsonElement> Options,
    ulong Seed) : StageDefinition
{
    public override IReadOnlyList<StageKey> DependsOn =>
        [Tokenizer, Tokens, .. Models, .. Dictionaries, .. NullDictionaries];

    public override string Prefix => "analysis";
}

internal sealed class StageKeyJsonConverter : JsonConverter<StageKey>
{
    public override StageKey Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetString() ?? throw new JsonException("A stage key is null."));

    public override void Write(Utf8JsonWriter writer, StageKey value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Value);
}
