using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Orchestrator.Numerics.Dictionaries.Kernels;
using Orchestrator.Numerics.Dictionaries.Pairs;

namespace Orchestrator.Numerics.Dictionaries.Selection;

/// <summary>
/// Features whose gate z + b_gate is positive and whose magnitude exp(r_mag) z + b_mag is too: f is the magnitude.
/// </summary>
internal sealed unsafe class OpenGate<T> : PairSelector<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T* _gateBias;
    private readonly T* _logScale;
    private readonly T* _magnitudeBias;
    private readonly T[] _scales;

    /// <param name="gateBias">b_gate, [F].</param>
    /// <param name="logScale">r_mag, [F].</param>
    /// <param name="magnitudeBias">b_mag, [F].</param>
    /// <param name="featureCount">F.</param>
    public OpenGate(T* gateBias, T* logScale, T* magnitudeBias, int featureCount)
    {
        _gateBias = gateBias;
        _logScale = logScale;
        _magnitudeBias = magnitudeBias;
        _scales = GC.AllocateUninitializedArray<T>(featureCount, pinned: true);
    }

    /// <summary>exp(r_mag) at the beginning of the batch, [F].</summary>
    public T* Scale => (T*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_scales));

    public override void Begin(int batch)
    {
        for (var feature = 0; feature < _scales.Length; feature++) _scales[feature] = T.Exp(_logScale[feature]);
    }

    public override void Scan(T* z, T slack, int first, int count, int segment, int token, PairBuffer<T> pairs)
    {
        var gate = _gateBias + first;
        var s = Scale + first;
        var magnitude = _magnitudeBias + first;
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

    public override bool Admits(int feature, T z, out T value)
    {
        value = T.FusedMultiplyAdd(z, _scales[feature], _magnitudeBias[feature]);
        return z + _gateBias[feature] > T.Zero && value > T.Zero;
    }
}
