using System.Text.Json;
using System.Text.RegularExpressions;

namespace Orchestrator.Abstractions.Analyses;

/// <summary>What an analysis may read, and where it writes. Valid until <see cref="IAnalysis.Run"/> returns.</summary>
public interface IAnalysisContext
{
    /// <summary>Input dictionaries. Sizes: ascending feature count. Seed pair: the first and the second model's.</summary>
    IReadOnlyList<DictionaryInput> Dictionaries { get; }

    /// <summary>Dictionaries of random twins of the input models, ascending feature count; may be empty.</summary>
    IReadOnlyList<DictionaryInput> NullDictionaries { get; }

    /// <summary>The random twins' dictionary whose size is nearest, the smaller of two as near; null where there is none.</summary>
    DictionaryInput? NearestNull(int featureCount) => NullDictionaries.MinBy(dictionary => Math.Abs(dictionary.FeatureCount - featureCount));

    ITokenVocabulary Vocabulary { get; }

    /// <summary>Every option that the manifest declares, default or from the spec.</summary>
    AnalysisOptions Options { get; }

    ulong Seed { get; }

    /// <summary>The features of a dictionary as functions of tokens.</summary>
    IFeatureSource Features(DictionaryInput dictionary);

    /// <summary>The MLP neurons of the model that a dictionary was trained on: the null of every dictionary.</summary>
    IFeatureSource Neurons(DictionaryInput dictionary);

    /// <summary>
    /// Contexts of the validation split from its beginning, in order. The same tokens for every source, so that
    /// activations line up.
    /// </summary>
    /// <param name="maxTokens">Stop after this many tokens, or at the end of the split.</param>
    IEnumerable<TokenBatch> Tokens(long maxTokens);

    /// <summary>Writes <c>{name}.parquet</c> beside the result; names are kebab-case.</summary>
    void WriteTable(string name, AnalysisTable table);

    /// <summary>Writes a file (a figure as SVG, a graph as Graphviz or JSON) beside the result.</summary>
    /// <param name="fileName">A plain file name.</param>
    void WriteFile(string fileName, ReadOnlySpan<byte> content);

    /// <summary>Tells how far the analysis is, 0 to 1.</summary>
    void Progress(double fraction);
}

/// <summary>One dictionary that an analysis reads.</summary>
/// <param name="Id">The dictionary.</param>
/// <param name="Model">Key of the model it was trained on.</param>
/// <param name="ModelSeed">Seed of that model.</param>
/// <param name="RandomWeights">Whether that model is a random twin.</param>
/// <param name="FeatureCount">F.</param>
/// <param name="ActivationDim">D.</param>
public sealed record DictionaryInput(
    DictionaryId Id,
    StageKey Model,
    ulong ModelSeed,
    bool RandomWeights,
    int FeatureCount,
    int ActivationDim);

/// <summary>The tokens of a vocabulary as text and bytes.</summary>
public interface ITokenVocabulary
{
    /// <summary>V.</summary>
    int Size { get; }

    /// <summary>The id of the token between documents.</summary>
    int EndOfText { get; }

    /// <summary>A token's bytes; they need not be whole UTF-8 characters.</summary>
    ReadOnlyMemory<byte> Bytes(int token);

    /// <summary>A token for people: its text, with bytes that are no whole character as <c>\xHH</c>.</summary>
    string Display(int token);

    /// <summary>Tokens in a row as text; bytes that form no character become U+FFFD.</summary>
    string Text(ReadOnlySpan<int> tokens);
}

/// <summary>Typed access to options by name; a name that the manifest does not declare is an error.</summary>
public sealed class AnalysisOptions(IReadOnlyDictionary<string, JsonElement> values)
{
    public long GetInteger(string name) => Find(name).GetInt64();

    public double GetNumber(string name) => Find(name).GetDouble();

    public string GetText(string name) => Find(name).GetString() ?? "";

    public bool GetBoolean(string name) => Find(name).GetBoolean();

    /// <summary>Expressions by name, in ordinal order of the names.</summary>
    public IReadOnlyList<KeyValuePair<string, Regex>> GetPatterns(string name) =>
        [.. Find(name).EnumerateObject()
            .OrderBy(static pattern => pattern.Name, StringComparer.Ordinal)
            .Select(static pattern => KeyValuePair.Create(pattern.Name, TextPattern.Create(pattern.Value.GetString() ?? "")))];

    private JsonElement Find(string name) => values.TryGetValue(name, out var value)
        ? value
        : throw new ArgumentException($"The manifest declares no option '{name}'; it declares: {string.Join(", ", values.Keys)}.", nameof(name));
}
