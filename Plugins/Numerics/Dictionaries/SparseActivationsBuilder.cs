using Orchestrator.Abstractions.Analyses;
using Orchestrator.Numerics.Dictionaries.Pairs;
using Orchestrator.Numerics.Tensors;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries;

/// <summary>Puts the pairs of several pieces of a batch together.</summary>
/// <param name="tokens">Tokens in all.</param>
/// <param name="featureCount">F.</param>
internal sealed class SparseActivationsBuilder(int tokens, int featureCount)
{
    private readonly int[] _offsets = new int[tokens + 1];
    private readonly PairBuffer<float> _token = new(hasExtras: false);
    private int[] _features = [];
    private float[] _values = [];
    private int _tokens;

    /// <summary>Adds the next tokens.</summary>
    public unsafe void Add(PairSegment<float>[] segments, int batch)
    {
        for (var token = 0; token < batch; token++)
        {
            var segment = segments[token / PairScan<float>.TokensPerSegment];
            segment.Gather(token % PairScan<float>.TokensPerSegment, _token);
            var start = _offsets[_tokens];
            Reserve(start + _token.Count);
            new ReadOnlySpan<int>(_token.Indices, _token.Count).CopyTo(_features.AsSpan(start));
            new ReadOnlySpan<float>(_token.Values, _token.Count).CopyTo(_values.AsSpan(start));
            _offsets[++_tokens] = start + _token.Count;
        }
    }

    public SparseActivations ToActivations()
    {
        var pairs = _offsets[tokens];
        Array.Resize(ref _features, pairs);
        Array.Resize(ref _values, pairs);
        return new SparseActivations(tokens, featureCount, _offsets, _features, _values);
    }

    /// <summary>Pairs on any device, in any order.</summary>
    public static SparseActivations FromTensors(TensorPairs pairs, int tokens, int featureCount)
    {
        using var scope = NewDisposeScope();
        var (_, order) = sort((pairs.Tokens * featureCount) + pairs.Features, 0, false, true);
        var ofPair = HostMemory.Longs(pairs.Tokens.index_select(0, order).cpu());
        var offsets = new int[tokens + 1];
        foreach (var token in ofPair) offsets[token + 1]++;
        for (var token = 0; token < tokens; token++) offsets[token + 1] += offsets[token];
        var features = Array.ConvertAll(HostMemory.Longs(pairs.Features.index_select(0, order).cpu()).ToArray(), feature => (int)feature);
        return new SparseActivations(tokens, featureCount, offsets, features, HostMemory.ToSingles(pairs.Values.index_select(0, order)));
    }

    /// <summary>Batches one after another.</summary>
    public static SparseActivations Join(IReadOnlyList<SparseActivations> parts, int featureCount)
    {
        var offsets = new List<int> { 0 };
        foreach (var part in parts)
        {
            var before = offsets[^1];
            for (var token = 1; token <= part.TokenCount; token++) offsets.Add(before + part.Offsets[token]);
        }

        return new SparseActivations(
            offsets.Count - 1, featureCount, [.. offsets], [.. parts.SelectMany(part => part.Features)], [.. parts.SelectMany(part => part.Values)]);
    }

    private void Reserve(int pairs)
    {
        if (_features.Length >= pairs) return;
        var size = Math.Max(pairs, (int)Math.Min(Array.MaxLength, _features.Length * 3L / 2));
        Array.Resize(ref _features, size);
        Array.Resize(ref _values, size);
    }
}
