using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Conformance;

/// <summary>An analysis' context in memory: planted sources over planted tokens; what is written is kept.</summary>
/// <param name="manifest">Whose options apply, with their defaults.</param>
/// <param name="vocabulary">The tokens' text.</param>
/// <param name="tokens">The split; its length is a multiple of the context length.</param>
/// <param name="contextLength">Tokens in a context.</param>
public sealed class PlantedContext(AnalysisManifest manifest, ITokenVocabulary vocabulary, int[] tokens, int contextLength) : IAnalysisContext
{
    private readonly Dictionary<string, JsonElement> _options = manifest.Options.ToDictionary(static option => option.Name, static option => option.Default);
    private readonly List<DictionaryInput> _dictionaries = [];
    private readonly List<DictionaryInput> _nullDictionaries = [];
    private readonly Dictionary<DictionaryId, IFeatureSource> _features = [];
    private readonly Dictionary<StageKey, IFeatureSource> _neurons = [];

    /// <summary>Tables written, by name.</summary>
    public Dictionary<string, AnalysisTable> Tables { get; } = [];

    /// <summary>Files written, by name.</summary>
    public Dictionary<string, byte[]> Files { get; } = [];

    /// <summary>Called before each batch, with the number of batches handed out.</summary>
    public Action<int>? BeforeBatch { get; set; }

    /// <summary>Contexts in a batch.</summary>
    public int BatchContexts { get; init; } = 4;

    /// <summary>Document of each token; null: all of one document.</summary>
    public int[]? Documents { get; init; }

    public ulong Seed { get; init; } = 1;

    /// <summary>The last progress told; 0 before the first.</summary>
    public double LastProgress { get; private set; }

    public IReadOnlyList<DictionaryInput> Dictionaries => _dictionaries;

    public IReadOnlyList<DictionaryInput> NullDictionaries => _nullDictionaries;

    public ITokenVocabulary Vocabulary => vocabulary;

    public AnalysisOptions Options => new(_options);

    /// <summary>Sets an option that the manifest declares.</summary>
    /// <exception cref="KeyNotFoundException">It declares no such option.</exception>
    public PlantedContext With<T>(string option, T value)
    {
        _ = _options[option];
        _options[option] = JsonSerializer.SerializeToElement(value);
        return this;
    }

    /// <summary>Adds a dictionary and the neurons of its model.</summary>
    /// <param name="features">Its features.</param>
    /// <param name="neurons">The neurons of its model.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="isNull">Whether the model is a random twin.</param>
    public PlantedContext Add(IFeatureSource features, IFeatureSource neurons, string model, bool isNull = false)
    {
        var key = new StageKey("model-" + model);
        var input = new DictionaryInput(
            new DictionaryId($"dictionary-{features.Name}"), key, ModelSeed: 1, isNull, features.FeatureCount, features.ActivationDim);
        (isNull ? _nullDictionaries : _dictionaries).Add(input);
        _features.Add(input.Id, features);
        _neurons[key] = neurons;
        return this;
    }

    public IFeatureSource Features(DictionaryInput dictionary) => _features[dictionary.Id];

    public IFeatureSource Neurons(DictionaryInput dictionary) => _neurons[dictionary.Model];

    public IEnumerable<TokenBatch> Tokens(long maxTokens)
    {
        var contexts = (int)Math.Min(tokens.Length / contextLength, Math.Max(1, maxTokens / contextLength));
        for (var (done, batches) = (0, 0); done < contexts; done += BatchContexts, batches++)
        {
            BeforeBatch?.Invoke(batches);
            var count = Math.Min(BatchContexts, contexts - done);
            var range = (done * contextLength)..((done + count) * contextLength);
            yield return new TokenBatch(
                tokens[range], count, contextLength, done * contextLength, Documents?[range] ?? new int[count * contextLength]);
        }
    }

    public void WriteTable(string name, AnalysisTable table) => Tables.Add(name, table);

    public void WriteFile(string fileName, ReadOnlySpan<byte> content) => Files.Add(fileName, content.ToArray());

    public void Progress(double fraction) => LastProgress = fraction;

    /// <summary>A column of a table written.</summary>
    public T[] Column<T>(string table, string column) =>
        (T[])Tables[table].Columns.Single(candidate => candidate.Name == column).Values;
}
