using System.Numerics;
using System.Runtime.Intrinsics;
using Orchestrator.Numerics.Dictionaries.Pairs;

namespace Orchestrator.Numerics.Dictionaries.Selection;

/// <summary>
/// Features whose pre-activation is above a threshold of their own, f = (z + b) · 1[z + b &gt; θ]. In training those just
/// below it come too, with activation 0: the thresholds' gradient is theirs as well.
/// </summary>
/// <param name="bias">b, [F].</param>
/// <param name="threshold">θ, [F].</param>
/// <param name="below">How far below its threshold a pre-activation still counts; 0 at inference.</param>
internal sealed unsafe class AboveOwnThreshold<T>(T* bias, T* threshold, T below) : PairSelector<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public override void Scan(T* z, T slack, int first, int count, int segment, int token, PairBuffer<T> pairs)
    {
        var b = bias + first;
        var theta = threshold + first;
        var features = pairs.Indices + pairs.Count;
        var values = pairs.Values + pairs.Count;
        var found = 0;
        var i = 0;
        var margin = Vector512.Create(below);
        for (; i <= count - Vector512<T>.Count; i += Vector512<T>.Count)
        {
            var sum = Vector512.Load(z + i) + Vector512.Load(b + i);
            var mask = Vector512.GreaterThan(sum, Vector512.Load(theta + i) - margin).ExtractMostSignificantBits();
            for (; mask != 0; mask &= mask - 1, found++)
            {
                var at = i + BitOperations.TrailingZeroCount(mask);
                var value = z[at] + b[at];
                features[found] = first + at;
                values[found] = value > theta[at] ? value : T.Zero;
            }
        }

        for (; i < count; i++)
        {
            var sum = z[i] + b[i];
            if (!(sum > theta[i] - below)) continue;
            features[found] = first + i;
            values[found++] = sum > theta[i] ? sum : T.Zero;
        }

        pairs.Count += found;
    }

    public override bool Admits(int feature, T z, out T value)
    {
        var sum = z + bias[feature];
        value = sum > threshold[feature] ? sum : T.Zero;
        return sum > threshold[feature] - below;
    }
}
