using System.Numerics;
using Orchestrator.Numerics.Dictionaries.Kernels;

namespace Orchestrator.Numerics.Dictionaries.Pairs;

/// <summary>
/// The pairs of one block of features sorted by feature, tokens ascending within each (a counting sort): whoever owns a
/// feature adds its gradient in this order, on any number of threads.
/// </summary>
internal sealed unsafe class FeatureLists<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly PairSegment<T>[] _segments;
    private readonly int _tokensPerSegment;
    private readonly WorkerTeam _team;
    private readonly PairBuffer<T> _pairs;
    private readonly int[] _offsets;
    private readonly int[] _slots;          // by segment, then feature
    private readonly int _widest;
    private readonly Action<int> _count;
    private readonly Action<int> _place;

    private int _block;
    private int _first;
    private int _features;

    /// <param name="segments">Segments of neighbouring tokens, in token order.</param>
    /// <param name="tokensPerSegment">Tokens in every segment but the last.</param>
    /// <param name="widest">Features of the widest block.</param>
    public FeatureLists(PairSegment<T>[] segments, int tokensPerSegment, int widest, bool hasExtras, WorkerTeam team)
    {
        (_segments, _tokensPerSegment, _widest, _team) = (segments, tokensPerSegment, widest, team);
        _pairs = new PairBuffer<T>(hasExtras);
        _offsets = new int[widest + 1];
        _slots = new int[segments.Length * widest];
        (_count, _place) = (Count, Place);
    }

    /// <summary>The pairs of a feature of the block: tokens and their numbers.</summary>
    /// <param name="feature">Index within the block.</param>
    public PairView<T> Of(int feature) => _pairs.View(_offsets[feature], _offsets[feature + 1] - _offsets[feature]);

    /// <param name="block">Number of the block within the segments.</param>
    /// <param name="first">Its first feature.</param>
    /// <param name="features">Its features.</param>
    /// <param name="used">How many of the segments hold this batch.</param>
    public void Build(int block, int first, int features, int used)
    {
        (_block, _first, _features) = (block, first, features);
        _team.Run(used, _count);
        var total = 0;
        for (var feature = 0; feature < features; feature++)
        {
            _offsets[feature] = total;
            for (var segment = 0; segment < used; segment++)
            {
                ref var slot = ref _slots[(segment * _widest) + feature];
                (slot, total) = (total, total + slot);
            }
        }

        _offsets[features] = total;
        _pairs.Count = 0;
        _pairs.Reserve(total);
        _pairs.Count = total;
        _team.Run(used, _place);
    }

    private void Count(int index)
    {
        var segment = _segments[index];
        var slots = _slots.AsSpan(index * _widest, _features);
        slots.Clear();
        var features = segment.Pairs.Indices;
        for (var token = 0; token < segment.Tokens; token++)
        {
            var (start, end) = segment.Run(_block, token);
            for (var pair = start; pair < end; pair++) slots[features[pair] - _first]++;
        }
    }

    private void Place(int index)
    {
        var segment = _segments[index];
        var slots = _slots.AsSpan(index * _widest, _features);
        var from = segment.Pairs;
        var tokens = _pairs.Indices;
        var values = _pairs.Values;
        var gradients = _pairs.Gradients;
        var extras = _pairs.Extras;
        for (var token = 0; token < segment.Tokens; token++)
        {
            var (start, end) = segment.Run(_block, token);
            for (var pair = start; pair < end; pair++)
            {
                var slot = slots[from.Indices[pair] - _first]++;
                tokens[slot] = (index * _tokensPerSegment) + token;
                values[slot] = from.Values[pair];
                gradients[slot] = from.Gradients[pair];
                if (extras is not null) extras[slot] = from.Extras[pair];
            }
        }
    }
}
