using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Results;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Transformers;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Text.Tokenization;
using Orchestrator.Text.Tokens;
using static TorchSharp.torch;

namespace Orchestrator.Silo.Plugins;

/// <summary>
/// The context of a real run: reads a store's artefacts and writes into a work folder. Models and dictionaries are loaded
/// when first asked for. Belongs to the device thread; not safe for use from many.
/// </summary>
public sealed class AnalysisContext : IAnalysisContext, IDisposable
{
    private readonly AnalysisStage _stage;
    private readonly ArtefactStore _store;
    private readonly Device _device;
    private readonly Action<double> _progress;
    private readonly Action _heard;
    private readonly AnalysisOutput _output;
    private readonly TokenFile _tokens;
    private readonly Dictionary<StageKey, HookedModel> _models = [];
    private readonly Dictionary<DictionaryId, DictionaryFeatureSource> _features = [];
    private readonly Dictionary<DictionaryId, DictionarySite> _sites = [];
    private readonly Dictionary<(StageKey Model, HookPoint HookPoint), NeuronFeatureSource> _neurons = [];

    /// <param name="stage">What to analyse.</param>
    /// <param name="store">Holds the artefacts of every stage that it depends on.</param>
    /// <param name="device">Where models run.</param>
    /// <param name="folder">Where the analysis writes; exists, empty.</param>
    /// <param name="progress">Told of progress, 0 to 1.</param>
    /// <param name="heard">Told of every sign of life; null: nobody watches.</param>
    /// <param name="limits">How much it may write; null: the defaults.</param>
    /// <exception cref="FileNotFoundException">An artefact is not there.</exception>
    /// <exception cref="InvalidDataException">An artefact is not what it should be.</exception>
    public AnalysisContext(AnalysisStage stage, ArtefactStore store, Device device, string folder, Action<double> progress, Action? heard = null, AnalysisLimits? limits = null)
    {
        (_stage, _store, _device, _progress, _heard) = (stage, store, device, progress, heard ?? (static () => { }));
        _output = new AnalysisOutput(folder, limits);
        Vocabulary = BytePairTokenizer.Load(store.FileOf(stage.Tokenizer, "tokenizer.json"));
        Options = new AnalysisOptions(stage.Options);
        Dictionaries = [.. stage.Dictionaries.Select(Describe)];
        NullDictionaries = [.. stage.NullDictionaries.Select(Describe).OrderBy(static dictionary => dictionary.FeatureCount)];
        _tokens = TokenFile.Open(store.FileOf(stage.Tokens, "validation.tokens"));
    }

    public IReadOnlyList<DictionaryInput> Dictionaries { get; }

    public IReadOnlyList<DictionaryInput> NullDictionaries { get; }

    public ITokenVocabulary Vocabulary { get; }

    public AnalysisOptions Options { get; }

    public ulong Seed => _stage.Seed;

    public IFeatureSource Features(DictionaryInput dictionary)
    {
        _heard();
        if (!_features.TryGetValue(dictionary.Id, out var source))
        {
            var loaded = SparseDictionary.Load(_store.Layout.Artefact(dictionary.Id.Stage), _device);
            source = new DictionaryFeatureSource(dictionary.Id, loaded, Model(dictionary.Model));
            _features.Add(dictionary.Id, source);
        }

        return source;
    }

    /// <inheritdoc/>
    /// <remarks>Those of the layer that the dictionary writes, wherever in it.</remarks>
    public IFeatureSource Neurons(DictionaryInput dictionary)
    {
        _heard();
        var hookPoint = HookPoint.Parse(_sites[dictionary.Id].OutputHookPoint);
        if (!_neurons.TryGetValue((dictionary.Model, hookPoint), out var source))
        {
            source = new NeuronFeatureSource(dictionary.Model, Model(dictionary.Model), hookPoint);
            _neurons.Add((dictionary.Model, hookPoint), source);
        }

        return source;
    }

    /// <inheritdoc/>
    /// <remarks>Contexts are as long as the shortest of the models takes.</remarks>
    public IEnumerable<TokenBatch> Tokens(long maxTokens) => ValidationStream.Read(
        _tokens, _stage.Models.Min(model => Model(model).Transformer.Definition.ContextLength), maxTokens).Select(Heard);

    public void WriteTable(string name, AnalysisTable table)
    {
        _heard();
        _output.WriteTable(name, table);
    }

    public void WriteFile(string fileName, ReadOnlySpan<byte> content)
    {
        _heard();
        _output.WriteFile(fileName, content);
    }

    public void Progress(double fraction)
    {
        _heard();
        _progress(Math.Clamp(fraction, 0, 1));
    }

    public void Dispose()
    {
        foreach (var source in _features.Values)
        {
            source.Dispose();
        }

        foreach (var model in _models.Values)
        {
            model.Dispose();
        }

        _tokens.Dispose();
    }

    private TokenBatch Heard(TokenBatch batch)
    {
        _heard();
        return batch;
    }

    private HookedModel Model(StageKey key)
    {
        if (!_models.TryGetValue(key, out var model))
        {
            model = new HookedModel(Transformer.Load(_store.Layout.Artefact(key), _device));
            _models.Add(key, model);
        }

        return model;
    }

    private DictionaryInput Describe(StageKey key)
    {
        var manifest = _store.ReadManifest(key) ?? throw new FileNotFoundException($"The store has no artefact {key}.");
        if (StageDefinition.FromJson(manifest.Definition.GetRawText()) is not IDictionaryStage stage)
        {
            throw new InvalidDataException($"The artefact {key} is no dictionary.");
        }

        var id = new DictionaryId(key.Value);
        var model = ResultJson.Read<ModelResult>(_store.FileOf(stage.Model, "result.json"));
        var (definition, site) = SparseDictionary.Describe(_store.Layout.Artefact(key));
        _sites[id] = site;
        return new DictionaryInput(id, stage.Model, model.Seed, model.RandomWeights, definition.FeatureCount, site.OutputDim);
    }
}
