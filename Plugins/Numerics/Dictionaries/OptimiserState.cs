using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries;

/// <summary>
/// What a trainer keeps beside the weights: Adam's moments, shaped like the weights, and for each feature the step at
/// which it last fired.
/// </summary>
internal sealed class OptimiserState : IDisposable
{
    public OptimiserState(SparseDictionary dictionary)
    {
        Encoder = Moments.Of(dictionary.EncoderWeight);
        Decoder = Moments.Of(dictionary.DecoderWeight);
        EncoderBias = Moments.Of(dictionary.EncoderBias);
        DecoderBias = Moments.Of(dictionary.DecoderBias);
        LastFired = zeros(dictionary.FeatureCount, ScalarType.Int64, dictionary.Device).DetachFromDisposeScope();
    }

    /// <summary>[F, D].</summary>
    public Moments Encoder { get; }

    /// <summary>[F, D].</summary>
    public Moments Decoder { get; }

    /// <summary>[F].</summary>
    public Moments EncoderBias { get; }

    /// <summary>[D].</summary>
    public Moments DecoderBias { get; }

    /// <summary>Step, counted from 1, at which each feature last fired or was resampled; 0: never. [F], int64.</summary>
    public Tensor LastFired { get; }

    /// <summary>Every tensor with the name it has in a checkpoint.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> Named =>
    [
        ("adam.W_enc.first", Encoder.First), ("adam.W_enc.second", Encoder.Second),
        ("adam.W_dec.first", Decoder.First), ("adam.W_dec.second", Decoder.Second),
        ("adam.b_enc.first", EncoderBias.First), ("adam.b_enc.second", EncoderBias.Second),
        ("adam.b_dec.first", DecoderBias.First), ("adam.b_dec.second", DecoderBias.Second),
        ("last_fired", LastFired),
    ];

    public void Dispose()
    {
        foreach (var (_, tensor) in Named) tensor.Dispose();
    }
}

/// <summary>Adam's running means of a parameter's gradient and of its square.</summary>
internal sealed record Moments(Tensor First, Tensor Second)
{
    public static Moments Of(Tensor parameter) =>
        new(zeros_like(parameter).DetachFromDisposeScope(), zeros_like(parameter).DetachFromDisposeScope());
}
