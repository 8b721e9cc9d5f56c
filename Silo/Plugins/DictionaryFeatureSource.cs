using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Analyses;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Tensors;

namespace Orchestrator.Silo.Plugins;

/// <summary>The features of a dictionary on its model. Owns the dictionary, not the model.</summary>
internal sealed class DictionaryFeatureSource : IFeatureSource, IDisposable
{
    private readonly SparseDictionary _dictionary;
    private readonly HookedModel _model;
    private readonly HookPoint _input;
    private readonly LogitRows _logits;
    private readonly float[] _directions; // [F, D_out]
    private TokenBatch? _batch;
    private SparseActivations? _activations;

    /// <param name="id">The dictionary's.</param>
    /// <param name="dictionary">Owned by this from here on.</param>
    /// <param name="model">Its model; stays the caller's.</param>
    public DictionaryFeatureSource(DictionaryId id, SparseDictionary dictionary, HookedModel model)
    {
        _dictionary = dictionary;
        _model = model;
        _input = HookPoint.Parse(dictionary.Site.HookPoint);
        _logits = new LogitRows(model.Transformer, HookPoint.Parse(dictionary.Site.OutputHookPoint), dictionary.Directions, dictionary.FeatureCount);
        using var directions = dictionary.Directions(0, dictionary.FeatureCount);
        _directions = HostMemory.ToSingles(directions);
        Name = id.Value;
    }

    public string Name { get; }

    public int FeatureCount => _dictionary.FeatureCount;

    public int ActivationDim => _dictionary.OutputDim;

    public SparseActivations Activations(TokenBatch batch)
    {
        if (!ReferenceEquals(batch, _batch))
        {
            _activations = _dictionary.EncodeSparse(_model.Activations(batch, _input));
            _batch = batch;
        }

        return _activations!;
    }

    public ReadOnlySpan<float> Direction(int feature)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)feature, (uint)FeatureCount, nameof(feature));
        return _directions.AsSpan(feature * _dictionary.OutputDim, _dictionary.OutputDim);
    }

    public float[] LogitWeights(int feature) => _logits.Of(feature);

    public void Dispose() => _dictionary.Dispose();
}
