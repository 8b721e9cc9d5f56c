using Orchestrator.Numerics.Dictionaries.Pairs;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries.Selection;

/// <summary>
/// The selections of this folder in libtorch's operations: the same pairs, ties included. The caller keeps the dispose
/// scope.
/// </summary>
internal static class TensorSelection
{
    /// <summary>Pairs where a condition holds, by token and then by feature.</summary>
    /// <param name="holds">[B, F], bool.</param>
    /// <param name="values">[B, F].</param>
    public static TensorPairs Where(Tensor holds, Tensor values)
    {
        var places = holds.nonzero();                                       // [P, 2]
        var tokens = places.select(1, 0).contiguous();
        var features = places.select(1, 1).contiguous();
        var flat = (tokens * values.shape[1]) + features;
        return new TensorPairs(tokens, features, values.reshape(-1).index_select(0, flat));
    }

    /// <summary>The k largest positive values of each row; ties go to the lower feature.</summary>
    /// <param name="values">[B, F].</param>
    public static TensorPairs LargestOfToken(Tensor values, int k)
    {
        var rows = values.shape[0];
        var most = (int)Math.Min(k, values.shape[1]);
        var (largest, features) = values.topk(most, 1, true, true);         // [B, k]
        var lowest = largest.narrow(1, most - 1, 1);                        // [B, 1]
        if ((values >= lowest).sum().item<long>() > rows * most)
            (largest, features) = Stable(values, most);                     // more candidates than places: libtorch would choose
        var tokens = arange(rows, ScalarType.Int64, values.device).unsqueeze(1).expand(rows, most);
        return Positive(tokens.reshape(-1), features.reshape(-1), largest.reshape(-1));
    }

    /// <summary>The largest positive values of the whole matrix; ties go to the earlier token, then to the lower feature.</summary>
    /// <param name="values">[B, F].</param>
    public static TensorPairs LargestOfBatch(Tensor values, int count)
    {
        var features = values.shape[1];
        var flat = values.reshape(1, -1);
        var most = (int)Math.Min(count, flat.shape[1]);
        var (largest, places) = flat.topk(most, 1, true, true);             // [1, count]
        var lowest = largest.narrow(1, most - 1, 1);
        if (lowest.to(ScalarType.Float64).item<double>() > 0 && (flat >= lowest).sum().item<long>() > most)
            (largest, places) = Stable(flat, most);
        places = places.reshape(-1);
        var tokens = places.div(features, RoundingMode.floor);
        return Positive(tokens, places - (tokens * features), largest.reshape(-1));
    }

    private static (Tensor Values, Tensor Indices) Stable(Tensor values, int most)
    {
        var (sorted, order) = sort(values, 1, true, true);
        return (sorted.narrow(1, 0, most), order.narrow(1, 0, most));
    }

    private static TensorPairs Positive(Tensor tokens, Tensor features, Tensor values)
    {
        var chosen = (values > 0).nonzero().squeeze(1);
        return new TensorPairs(tokens.index_select(0, chosen), features.index_select(0, chosen), values.index_select(0, chosen));
    }
}
