using System.Numerics;
using System.Runtime.Intrinsics;
using Orchestrator.Numerics.Dictionaries.Pairs;

namespace Orchestrator.Numerics.Dictionaries.Selection;

/// <summary>Features whose pre-activation z + b is above one threshold for all: f = z + b where that is greater, else 0.</summary>
/// <param name="bias">b, [F].</param>
/// <param name="threshold">0 for a ReLU.</param>
internal sealed unsafe class AboveThreshold<T>(T* bias, T threshold) : PairSelector<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public override void Scan(T* z, T slack, int first, int count, int segment, int token, PairBuffer<T> pairs)
    {
        var b = bias + first;
        var features = pairs.Indices + pairs.Count;
        var values = pairs.Values + pairs.Count;
        var found = 0;
        var i = 0;
        var limit = Vector512.Create(threshold);
        for (; i <= count - Vector512<T>.Count; i += Vector512<T>.Count)
        {
            var sum = Vector512.Load(z + i) + Vector512.Load(b + i);
            var mask = Vector512.GreaterThan(sum, limit).ExtractMostSignificantBits();
            for (; mask != 0; mask &= mask - 1, found++)
            {
                var at = i + BitOperations.TrailingZeroCount(mask);
                features[found] = first + at;
                values[found] = z[at] + b[at];
            }
        }

        for (; i < count; i++)
        {
            var sum = z[i] + b[i];
            if (!(sum > threshold)) continue;
            features[found] = first + i;
            values[found++] = sum;
        }

        pairs.Count += found;
    }

    public override bool Admits(int feature, T z, out T value)
    {
        value = z + bias[feature];
        return value > threshold;
    }
}
