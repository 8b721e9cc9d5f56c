using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Analyses;
using Orchestrator.Numerics.Tensors;
using static TorchSharp.torch;

namespace Orchestrator.Silo.Plugins;

/// <summary>The MLP neurons of a layer, the null of every dictionary: a neuron's direction is a unit vector.</summary>
internal sealed class NeuronFeatureSource : IFeatureSource
{
    private readonly HookedModel _model;
    private readonly HookPoint _hookPoint;
    private readonly LogitRows _logits;
    private TokenBatch? _batch;
    private SparseActivations? _activations;

    /// <param name="key">The model's.</param>
    /// <param name="model">The model; stays the caller's.</param>
    /// <param name="layer">Whose neurons.</param>
    public NeuronFeatureSource(StageKey key, HookedModel model, int layer)
    {
        _model = model;
        _hookPoint = new HookPoint(layer, HookPointKind.MlpPost);
        _logits = new LogitRows(
            model.Transformer,
            _hookPoint,
            (first, rows) => eye(FeatureCount, dtype: ScalarType.Float32, device: model.Transformer.Device).narrow(0, first, rows),
            FeatureCount);
        Name = $"neurons of {key}";
    }

    public string Name { get; }

    public int FeatureCount => _model.Transformer.Definition.MlpDim;

    public int ActivationDim => FeatureCount;

    public SparseActivations Activations(TokenBatch batch)
    {
        if (!ReferenceEquals(batch, _batch))
        {
            _activations = Sparse(HostMemory.ToSingles(_model.Activations(batch, _hookPoint)), batch.Count);
            _batch = batch;
        }

        return _activations!;
    }

    public ReadOnlySpan<float> Direction(int feature)
    {
        var direction = new float[ActivationDim];
        direction[feature] = 1;
        return direction;
    }

    public float[] LogitWeights(int feature) => _logits.Of(feature);

    private SparseActivations Sparse(float[] activations, int tokens)
    {
        var offsets = new int[tokens + 1];
        var features = new List<int>(activations.Length / 4);
        var values = new List<float>(activations.Length / 4);
        for (var token = 0; token < tokens; token++)
        {
            var row = activations.AsSpan(token * FeatureCount, FeatureCount);
            for (var neuron = 0; neuron < row.Length; neuron++)
            {
                if (row[neuron] > 0)
                {
                    features.Add(neuron);
                    values.Add(row[neuron]);
                }
            }

            offsets[token + 1] = features.Count;
        }

        return new SparseActivations(tokens, FeatureCount, offsets, [.. features], [.. values]);
    }
}
