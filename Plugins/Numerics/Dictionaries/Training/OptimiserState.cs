using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries.Training;

/// <summary>
/// What a trainer keeps beside the weights: Adam's moments, shaped like the weights, and for each feature the step at
/// which it last fired.
/// </summary>
internal sealed class OptimiserState : IDisposable
{
    private readonly List<(string Name, Tensor Tensor)> _named = [];

    public OptimiserState(SparseDictionary dictionary)
    {
        Encoder = Trained("W_enc", dictionary.EncoderWeight);
        Decoder = Trained("W_dec", dictionary.DecoderWeight);
        DecoderBias = Trained("b_dec", dictionary.DecoderBias);
        Skip = dictionary.SkipWeight is { } skip ? Trained("W_skip", skip) : null;
        Vectors = [.. dictionary.VectorNames.Select(name => Trained(name, dictionary.Vector(name)))];
        LastFired = Named("last_fired", zeros(dictionary.FeatureCount, ScalarType.Int64, dictionary.Device));
    }

    /// <summary>[F, D].</summary>
    public TrainedParameter Encoder { get; }

    /// <summary>[F, D_out].</summary>
    public TrainedParameter Decoder { get; }

    /// <summary>[D_out].</summary>
    public TrainedParameter DecoderBias { get; }

    /// <summary>[D_out, D]; null where the dictionary has no skip.</summary>
    public TrainedParameter? Skip { get; }

    /// <summary>The architecture's feature vectors in its order, [F] each.</summary>
    public IReadOnlyList<TrainedParameter> Vectors { get; }

    /// <summary>Step, counted from 1, at which each feature last fired or was resampled; 0: never. [F], int64.</summary>
    public Tensor LastFired { get; }

    /// <summary>Every tensor of this state with the name it has in a checkpoint.</summary>
    public IReadOnlyList<(string Name, Tensor Tensor)> All => _named;

    public void Dispose()
    {
        foreach (var (_, tensor) in _named) tensor.Dispose();
    }

    private TrainedParameter Trained(string name, Tensor value) =>
        new(value, Named($"adam.{name}.first", zeros_like(value)), Named($"adam.{name}.second", zeros_like(value)));

    private Tensor Named(string name, Tensor tensor)
    {
        _named.Add((name, tensor.DetachFromDisposeScope()));
        return tensor;
    }
}

/// <summary>What Adam moves, and its running means of the gradient and of its square.</summary>
internal sealed record TrainedParameter(Tensor Value, Tensor First, Tensor Second);
