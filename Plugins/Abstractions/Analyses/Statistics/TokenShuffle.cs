namespace Orchestrator.Abstractions.Analyses.Statistics;

/// <summary>Breaks the pairing of tokens: the null of whatever is claimed of two things on the same token.</summary>
public static class TokenShuffle
{
    /// <summary>A permutation of 0 … count − 1, the same for equal arguments on every machine.</summary>
    /// <param name="count">Elements.</param>
    /// <param name="seed">The analysis' seed.</param>
    /// <param name="stream">Tells permutations of one seed apart, for example a batch's first token.</param>
    public static int[] Order(int count, ulong seed, long stream)
    {
        var keys = new ulong[count];
        var order = new int[count];
        for (var i = 0; i < count; i++)
        {
            keys[i] = Priority(seed, stream, i);
            order[i] = i;
        }

        Array.Sort(keys, order);
        return order;
    }

    /// <summary>A uniform 64-bit number for a pair of indices (SplitMix64): smallest first draws a sample without order.</summary>
    public static ulong Priority(ulong seed, long first, long second) => Mix(Mix(Mix(seed) ^ (ulong)first) ^ (ulong)second);

    /// <summary>The same rows in another order: row t of the result is row order[t].</summary>
    public static SparseActivations Reorder(SparseActivations activations, ReadOnlySpan<int> order)
    {
        var offsets = new int[order.Length + 1];
        var pairs = activations.Offsets[activations.TokenCount] - activations.Offsets[0];
        var features = new int[pairs];
        var values = new float[pairs];
        for (var t = 0; t < order.Length; t++)
        {
            var row = activations.FeaturesOf(order[t]);
            row.CopyTo(features.AsSpan(offsets[t]));
            activations.ValuesOf(order[t]).CopyTo(values.AsSpan(offsets[t]));
            offsets[t + 1] = offsets[t] + row.Length;
        }

        return new SparseActivations(order.Length, activations.FeatureCount, offsets, features, values);
    }

    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
