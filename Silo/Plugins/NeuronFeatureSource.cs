using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Analyses;
using Orchestrator.Numerics.Tensors;
using Orchestrator.Numerics.Transformers;
using static TorchSharp.torch;

namespace Orchestrator.Silo.Plugins;

/// <summary>
/// The MLP neurons of a dictionary's layer, its null: a neuron is active where it is above 0 (of a GELU, whose small
/// negative values no feature has either). Its direction is that which it has in the dictionary's space: of the hidden
/// layer its axis, of the residual stream what it writes (its row of W_out), of the MLP's input what it reads (its column
/// of W_in), of unit norm.
/// </summary>
internal sealed class NeuronFeatureSource : IFeatureSource
{
    private readonly HookedModel _model;
    private readonly HookPoint _neurons;
    private readonly float[]? _directions; // [d_mlp, d]; null: axes
    private readonly LogitRows _logits;
    private TokenBatch? _batch;
    private SparseActivations? _activations;

    /// <param name="key">The model's.</param>
    /// <param name="model">The model; stays the caller's.</param>
    /// <param name="hookPoint">What the dictionary writes.</param>
    public NeuronFeatureSource(StageKey key, HookedModel model, HookPoint hookPoint)
    {
        _model = model;
        _neurons = hookPoint with { Kind = HookPointKind.MlpPost };
        _directions = hookPoint.IsHidden ? null : DirectionsAt(model.Transformer, hookPoint);
        ActivationDim = model.Transformer.WidthAt(hookPoint);
        _logits = new LogitRows(
            model.Transformer,
            _neurons,
            (first, rows) => eye(FeatureCount, dtype: ScalarType.Float32, device: model.Transformer.Device).narrow(0, first, rows),
            FeatureCount);
        Name = $"neurons of {key}";
    }

    public string Name { get; }

    public int FeatureCount => _model.Transformer.Definition.MlpDim;

    public int ActivationDim { get; }

    public SparseActivations Activations(TokenBatch batch)
    {
        if (!ReferenceEquals(batch, _batch))
        {
            _activations = Sparse(HostMemory.ToSingles(_model.Activations(batch, _neurons)), batch.Count);
            _batch = batch;
        }

        return _activations!;
    }

    public ReadOnlySpan<float> Direction(int feature)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)feature, (uint)FeatureCount, nameof(feature));
        if (_directions is not null)
        {
            return _directions.AsSpan(feature * ActivationDim, ActivationDim);
        }

        var axis = new float[ActivationDim];
        axis[feature] = 1;
        return axis;
    }

    public float[] LogitWeights(int feature) => _logits.Of(feature);

    private static float[] DirectionsAt(Transformer model, HookPoint hookPoint)
    {
        using var scope = NewDisposeScope();
        var mlp = $"blocks.{hookPoint.Layer}.mlp";
        var directions = hookPoint.Kind == HookPointKind.Ln2Normalized
            ? model.Parameter($"{mlp}.W_in").t()
            : model.Parameter($"{mlp}.W_out");                                             // [d_mlp, d]
        var norms = directions.square().sum(dim: 1L, keepdim: true).sqrt().clamp_min(1e-12);
        return HostMemory.ToSingles(directions / norms);
    }

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
