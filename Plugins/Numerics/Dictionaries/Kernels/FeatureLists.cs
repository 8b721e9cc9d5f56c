using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Orchestrator.Numerics.Dictionaries.Kernels;

/// <summary>
/// The active pairs of a batch sorted by feature, tokens ascending within each (a counting sort): whoever owns a
/// feature adds its gradient in this order, on any number of threads.
/// </summary>
internal sealed unsafe class FeatureLists(int featureCount)
{
    private readonly int[] _offsets = new int[featureCount + 1];
    private readonly int[] _cursor = new int[featureCount];
    private int[] _tokens = [];
    private float[] _values = [];
    private float[] _gradients = [];

    public int* Tokens => (int*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_tokens));

    /// <summary>Activations.</summary>
    public float* Values => (float*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_values));

    /// <summary>Derivatives of the loss by the pre-activations.</summary>
    public float* Gradients => (float*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_gradients));

    public int Start(int feature) => _offsets[feature];

    public int Count(int feature) => _offsets[feature + 1] - _offsets[feature];

    /// <param name="segments">Segments of neighbouring tokens, in token order.</param>
    /// <param name="used">How many of them hold this batch.</param>
    /// <param name="tokensPerSegment">Tokens in every segment but the last.</param>
    /// <param name="tokenCount">Tokens in the batch.</param>
    public void Build(PairSegment[] segments, int used, int tokensPerSegment, int tokenCount)
    {
        Array.Clear(_offsets);
        var total = 0;
        for (var s = 0; s < used; s++)
        {
            total += segments[s].Count;
            foreach (var feature in segments[s].Features) _offsets[feature + 1]++;
        }

        for (var feature = 0; feature < featureCount; feature++) _offsets[feature + 1] += _offsets[feature];
        _offsets.AsSpan(0, featureCount).CopyTo(_cursor);
        Reserve(total);
        for (var s = 0; s < used; s++)
        {
            var first = s * tokensPerSegment;
            Scatter(segments[s], first, Math.Min(tokensPerSegment, tokenCount - first));
        }
    }

    private void Scatter(PairSegment segment, int firstToken, int tokens)
    {
        var features = segment.Features;
        var values = segment.Values;
        var gradients = segment.Gradients;
        var pair = 0;
        for (var token = 0; token < tokens; token++)
        {
            for (var end = pair + segment.TokenCounts[token]; pair < end; pair++)
            {
                var slot = _cursor[features[pair]]++;
                _tokens[slot] = firstToken + token;
                _values[slot] = values[pair];
                _gradients[slot] = gradients[pair];
            }
        }
    }

    private void Reserve(int capacity)
    {
        if (_tokens.Length >= capacity) return;
        var size = (int)Math.Min(Array.MaxLength, capacity * 5L / 4);
        _tokens = GC.AllocateUninitializedArray<int>(size, pinned: true);
        _values = GC.AllocateUninitializedArray<float>(size, pinned: true);
        _gradients = GC.AllocateUninitializedArray<float>(size, pinned: true);
    }
}
