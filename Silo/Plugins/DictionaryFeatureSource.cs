using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Tensors;

namespace Orchestrator.Silo.Plugins;

/// <summary>The features of a dictionary on its model. Owns the dictionary, not the model.</summary>
internal sealed class DictionaryFeatureSource : IFeatureSource, IDisposable
{
    private readonly SparseDictionary _dictionary;
    private readonly HookedModel _model;
    private readonly HarvestDefinition _harvest;
    private readonly LogitRows _logits;
    private readonly float[] _directions; // [F, D_out]
    private TokenBatch? _batch;
    private SparseActivations? _activations;

    /// <param name="id">The dictionary's.</param>
    /// <param name="dictionary">Owned by this from here on.</param>
    /// <param name="model">Its model; stays the caller's.</param>
    /// <param name="harvest">What it reads and what it writes.</param>
    public DictionaryFeatureSource(DictionaryId id, SparseDictionary dictionary, HookedModel model, HarvestDefinition harvest)
    {
        _dictionary = dictionary;
        _model = model;
        _harvest = harvest;
        _logits = new LogitRows(model.Transformer, harvest.OutputHookPoint, (first, rows) => dictionary.DecoderWeight.narrow(0, first, rows), dictionary.FeatureCount);
        _directions = HostMemory.ToSingles(dictionary.DecoderWeight);
        Name = id.Value;
    }

    public string Name { get; }

    public int FeatureCount => _dictionary.FeatureCount;

    public int ActivationDim => _dictionary.OutputDim;

    public SparseActivations Activations(TokenBatch batch)
    {
        if (!ReferenceEquals(batch, _batch))
        {
            _activations = _dictionary.EncodeSparse(_model.Activations(batch, _harvest.HookPoint));
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
