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
    private readonly HookPoint _hookPoint;
    private readonly LogitRows _logits;
    private readonly float[] _directions; // [F, D]
    private TokenBatch? _batch;
    private SparseActivations? _activations;

    /// <param name="id">The dictionary's.</param>
    /// <param name="dictionary">Owned by this from here on.</param>
    /// <param name="model">Its model; stays the caller's.</param>
    /// <param name="hookPoint">Where it was trained.</param>
    public DictionaryFeatureSource(DictionaryId id, SparseDictionary dictionary, HookedModel model, HookPoint hookPoint)
    {
        _dictionary = dictionary;
        _model = model;
        _hookPoint = hookPoint;
        _logits = new LogitRows(model.Transformer, hookPoint, (first, rows) => dictionary.DecoderWeight.narrow(0, first, rows), dictionary.FeatureCount);
        _directions = HostMemory.ToSingles(dictionary.DecoderWeight);
        Name = id.Value;
    }

    public string Name { get; }

    public int FeatureCount => _dictionary.FeatureCount;

    public int ActivationDim => _dictionary.ActivationDim;

    public SparseActivations Activations(TokenBatch batch)
    {
        if (!ReferenceEquals(batch, _batch))
        {
            _activations = _dictionary.EncodeSparse(_model.Activations(batch, _hookPoint));
            _batch = batch;
        }

        return _activations!;
    }

    public ReadOnlySpan<float> Direction(int feature)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)feature, (uint)FeatureCount, nameof(feature));
        return _directions.AsSpan(feature * ActivationDim, ActivationDim);
    }

    public float[] LogitWeights(int feature) => _logits.Of(feature);

    public void Dispose() => _dictionary.Dispose();
}
