using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries.Pairs;

/// <summary>Active pairs as tensors on any device, in no particular order. P pairs.</summary>
/// <param name="Tokens">[P], int64.</param>
/// <param name="Features">[P], int64.</param>
/// <param name="Values">Feature activations, [P].</param>
internal sealed record TensorPairs(Tensor Tokens, Tensor Features, Tensor Values)
{
    public long Count => Values.shape[0];

    /// <summary>Σ of a number over the pairs of each feature, [F].</summary>
    public Tensor SumByFeature(Tensor numbers, long featureCount)
    {
        // index_put_ sorts before it adds on a GPU, so that the order of a sum is fixed; index_add_ would not.
        var sums = zeros(featureCount, numbers.dtype, numbers.device);
        return sums.index_put_(numbers, [Features], accumulate: true);
    }

    /// <summary>f as a matrix, [B, F].</summary>
    public Tensor ToDense(Tensor numbers, long tokens, long featureCount)
    {
        var dense = zeros(tokens, featureCount, numbers.dtype, numbers.device);
        return dense.index_put_(numbers, [Tokens, Features], accumulate: false);
    }
}
