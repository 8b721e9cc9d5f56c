using System.Numerics;
using System.Runtime.Intrinsics;
using Orchestrator.Numerics.Dictionaries.Kernels;
using Orchestrator.Numerics.Dictionaries.Pairs;

namespace Orchestrator.Numerics.Dictionaries.Selection;

/// <summary>
/// Features whose gate z + b_gate is positive and whose magnitude s z + b_mag is too: f = s z + b_mag.
/// </summary>
/// <param name="gateBias">b_gate, [F].</param>
/// <param name="scale">s = exp(r_mag), [F].</param>
/// <param name="magnitudeBias">b_mag, [F].</param>
internal sealed unsafe class OpenGate<T>(T* gateBias, T* scale, T* magnitudeBias) : PairSelector<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public override void Scan(T* z, int first, int count, int segment, int token, PairBuffer<T> pairs)
    {
        var gate = gateBias + first;
        var s = scale + first;
        var magnitude = magnitudeBias + first;
        var features = pairs.Indices + pairs.Count;
        var values = pairs.Values + pairs.Count;
        var found = 0;
        var i = 0;
        for (; i <= count - Vector512<T>.Count; i += Vector512<T>.Count)
        {
            var raw = Vector512.Load(z + i);
            var open = Vector512.GreaterThan(raw + Vector512.Load(gate + i), Vector512<T>.Zero);
            var strong = Vector512.GreaterThan(Lanes.MultiplyAdd(raw, Vector512.Load(s + i), Vector512.Load(magnitude + i)), Vector512<T>.Zero);
            var mask = (open & strong).ExtractMostSignificantBits();
            for (; mask != 0; mask &= mask - 1, found++)
            {
                var at = i + BitOperations.TrailingZeroCount(mask);
                features[found] = first + at;
                values[found] = T.FusedMultiplyAdd(z[at], s[at], magnitude[at]);
            }
        }

        for (; i < count; i++)
        {
            var value = T.FusedMultiplyAdd(z[i], s[i], magnitude[i]);
            if (!(z[i] + gate[i] > T.Zero) || !(value > T.Zero)) continue;
            features[found] = first + i;
            values[found++] = value;
        }

        pairs.Count += found;
    }
}
