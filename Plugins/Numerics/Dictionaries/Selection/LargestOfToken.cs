using System.Numerics;
using System.Runtime.Intrinsics;
using Orchestrator.Numerics.Dictionaries.Pairs;

namespace Orchestrator.Numerics.Dictionaries.Selection;

/// <summary>
/// The k largest positive pre-activations z + b of each token; ties go to the lower feature. A token keeps some more
/// candidates than k; whenever they are full, what can no longer be among the k largest is dropped, and so is whatever
/// comes later and is not above the same bound.
/// </summary>
internal sealed unsafe class LargestOfToken<T> : PairSelector<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly int _k;
    private readonly T* _bias;
    private readonly int _featureCount;
    private readonly int _tokensPerSegment;
    private readonly PairBuffer<T>[] _candidates;      // by token: pre-activations (or bounds of them), ascending by feature
    private readonly T[] _bounds;                      // by token
    private T _largestBias;
    private int _batch;

    /// <param name="k">Features of a token at most.</param>
    /// <param name="bias">b, [F]; −∞ for a feature that may not be chosen.</param>
    /// <param name="featureCount">F.</param>
    /// <param name="batchSize">Tokens of a batch at most.</param>
    /// <param name="tokensPerSegment">Tokens of a segment at most.</param>
    public LargestOfToken(int k, T* bias, int featureCount, int batchSize, int tokensPerSegment)
    {
        (_k, _featureCount, _tokensPerSegment) = (Math.Min(k, featureCount), featureCount, tokensPerSegment);
        _bias = bias;
        _candidates = new PairBuffer<T>[batchSize];
        for (var token = 0; token < batchSize; token++) _candidates[token] = new PairBuffer<T>(hasExtras: false);
        _bounds = new T[batchSize];
    }

    public override bool Ranks => true;

    public override int PerToken => _k;

    public override void Begin(int batch)
    {
        _batch = batch;
        for (var token = 0; token < batch; token++) _candidates[token].Count = 0;
        Array.Clear(_bounds, 0, batch);
        _largestBias = T.Zero;
        for (var feature = 0; feature < _featureCount; feature++)
            if (T.IsFinite(_bias[feature])) _largestBias = T.MaxNumber(_largestBias, T.Abs(_bias[feature]));
    }

    public override void Scan(T* z, T slack, int first, int count, int segment, int token, PairBuffer<T> pairs)
    {
        var b = _bias + first;
        var candidates = _candidates[token];
        var bound = _bounds[token];
        var i = 0;
        for (; i <= count - Vector512<T>.Count; i += Vector512<T>.Count)
        {
            var sum = Vector512.Load(z + i) + Vector512.Load(b + i);
            var mask = Vector512.GreaterThan(sum, Vector512.Create(bound)).ExtractMostSignificantBits();
            for (; mask != 0; mask &= mask - 1)
            {
                var at = i + BitOperations.TrailingZeroCount(mask);
                Offer(candidates, z[at] + b[at], first + at, slack, ref bound);
            }
        }

        for (; i < count; i++) Offer(candidates, z[i] + b[i], first + i, slack, ref bound);
        _bounds[token] = bound;
    }

    public override void Refine(int segment, ExactProducts<T> exact)
    {
        for (var token = segment * _tokensPerSegment; token < Math.Min(_batch, (segment + 1) * _tokensPerSegment); token++)
        {
            var candidates = _candidates[token];
            exact(token, candidates.Indices, candidates.Count, candidates.Gradients);
            var kept = 0;
            for (var i = 0; i < candidates.Count; i++)
            {
                var value = candidates.Gradients[i] + _bias[candidates.Indices[i]];
                if (!(value > T.Zero)) continue;
                candidates.Indices[kept] = candidates.Indices[i];
                candidates.Values[kept++] = value;
            }

            candidates.Count = kept;
        }
    }

    public override void Emit(int segment, int token, PairBuffer<T> pairs)
    {
        var candidates = _candidates[token];
        if (candidates.Count > _k)
        {
            var lowest = KthLargest(candidates, out var ties);
            Keep(candidates, lowest, ties);
        }

        pairs.Reserve(pairs.Count + candidates.Count);
        new Span<int>(candidates.Indices, candidates.Count).CopyTo(new Span<int>(pairs.Indices + pairs.Count, candidates.Count));
        new Span<T>(candidates.Values, candidates.Count).CopyTo(new Span<T>(pairs.Values + pairs.Count, candidates.Count));
        pairs.Count += candidates.Count;
    }

    private void Offer(PairBuffer<T> candidates, T value, int feature, T slack, ref T bound)
    {
        if (!(value > bound)) return;
        if (candidates.Count == candidates.Capacity) MakeRoom(candidates, slack, ref bound);
        if (!(value > bound)) return;
        candidates.Indices[candidates.Count] = feature;
        candidates.Values[candidates.Count++] = value;
    }

    private void MakeRoom(PairBuffer<T> candidates, T slack, ref T bound)
    {
        if (candidates.Count > _k)
        {
            // Whatever comes later has a higher feature: of exact values it must be greater than the k-th largest so far, not
            // equal. Of bounds, those of the k largest are exact down to the slack.
            var lowest = KthLargest(candidates, out var ties);
            if (slack == T.Zero)
            {
                Keep(candidates, lowest, ties);
                bound = lowest;
            }
            else
            {
                var relative = T.CreateChecked(2 * HalfScreen.ResultError) * (T.Abs(lowest) + _largestBias);
                bound = T.MaxNumber(bound, lowest - slack - relative);
                Keep(candidates, bound, ties: 0);
            }
        }

        // Where little could be dropped, the next time comes later.
        if (candidates.Count >= candidates.Capacity * 3 / 4) candidates.Reserve(Math.Max(2 * candidates.Capacity, 2 * _k));
    }

    /// <param name="ties">How many of those that equal it are among the k largest.</param>
    private T KthLargest(PairBuffer<T> candidates, out int ties)
    {
        var values = new Span<T>(candidates.Gradients, candidates.Count);
        new ReadOnlySpan<T>(candidates.Values, candidates.Count).CopyTo(values);
        var lowest = Largest<T>.Nth(values, _k);
        ties = _k;
        foreach (var value in values)
            if (value > lowest) ties--;
        return lowest;
    }

    /// <summary>Keeps what is above a bound, and the first few that equal it, in order.</summary>
    private static void Keep(PairBuffer<T> candidates, T bound, int ties)
    {
        var kept = 0;
        for (var i = 0; i < candidates.Count; i++)
        {
            var value = candidates.Values[i];
            if (!(value > bound) && !(value == bound && ties-- > 0)) continue;
            candidates.Indices[kept] = candidates.Indices[i];
            candidates.Values[kept++] = value;
        }

        candidates.Count = kept;
    }
}
