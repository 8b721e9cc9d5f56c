using System.Numerics;
using System.Runtime.Intrinsics;
using Orchestrator.Numerics.Dictionaries.Pairs;

namespace Orchestrator.Numerics.Dictionaries.Selection;

/// <summary>
/// The k · batch largest positive pre-activations z + b of a whole batch; ties go to the earlier token, then to the lower
/// feature. Histograms of what has been seen give a bound that rises from block to block: the n-th largest of a part
/// never exceeds the n-th largest of the whole.
/// </summary>
internal sealed unsafe class LargestOfBatch<T> : PairSelector<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly int _k;
    private readonly int _crowded;          // candidates of a segment at which it is pruned
    private readonly T* _bias;
    private readonly int _featureCount;
    private readonly Part[] _parts;
    private readonly PairBuffer<T>[] _scratch;         // by segment
    private readonly int[] _totals = new int[ValueBins<T>.Count];
    private T[] _ranked = [];
    private int _wanted;
    private T _bound;
    private T _largestBias;

    /// <param name="k">Active features per token on the mean.</param>
    /// <param name="bias">b, [F].</param>
    /// <param name="featureCount">F.</param>
    /// <param name="segments">Segments of a batch at most.</param>
    /// <param name="tokensPerSegment">Tokens of a segment at most.</param>
    public LargestOfBatch(int k, T* bias, int featureCount, int segments, int tokensPerSegment)
    {
        _featureCount = featureCount;
        _k = k;
        _bias = bias;
        _crowded = 4 * k * tokensPerSegment;
        _parts = new Part[segments];
        _scratch = new PairBuffer<T>[segments];
        for (var i = 0; i < segments; i++) (_parts[i], _scratch[i]) = (new Part(), new PairBuffer<T>(hasExtras: false));
    }

    public override bool Ranks => true;

    public override int PerToken => _k;

    /// <summary>The smallest activation that was selected; 0 where nothing was positive.</summary>
    public T LowestSelected { get; private set; }

    public override void Begin(int batch)
    {
        _wanted = checked(_k * batch);
        _largestBias = T.Zero;
        for (var feature = 0; feature < _featureCount; feature++) _largestBias = T.MaxNumber(_largestBias, T.Abs(_bias[feature]));
        _bound = T.Zero;
        LowestSelected = T.Zero;
        foreach (var part in _parts) part.Clear();
    }

    public override void Scan(T* z, T slack, int first, int count, int segment, int token, PairBuffer<T> pairs)
    {
        var part = _parts[segment];
        if (part.Count > _crowded && part.PrunedTo < _bound) part.DropBelow(_bound);
        part.Reserve(part.Count + count);
        var b = _bias + first;
        // Of bounds, what a value is at least counts for the bound of the whole.
        var certain = T.One - (slack == T.Zero ? T.Zero : T.CreateChecked(2 * HalfScreen.ResultError));
        var uncertain = slack == T.Zero ? T.Zero : slack + (T.CreateChecked(2 * HalfScreen.ResultError) * _largestBias);
        // Positive, and at least the bound: an equal value of a lower token may still win.
        var bound = T.Max(_bound, T.Epsilon);
        var i = 0;
        for (; i <= count - Vector512<T>.Count; i += Vector512<T>.Count)
        {
            var sum = Vector512.Load(z + i) + Vector512.Load(b + i);
            var mask = Vector512.GreaterThanOrEqual(sum, Vector512.Create(bound)).ExtractMostSignificantBits();
            for (; mask != 0; mask &= mask - 1)
            {
                var at = i + BitOperations.TrailingZeroCount(mask);
                part.Add(z[at] + b[at], (certain * (z[at] + b[at])) - uncertain, token, first + at);
            }
        }

        for (; i < count; i++)
            if (z[i] + b[i] >= bound) part.Add(z[i] + b[i], (certain * (z[i] + b[i])) - uncertain, token, first + i);
    }

    public override void Refine(int segment, ExactProducts<T> exact) => _parts[segment].Refine(exact, _bias, _scratch[segment]);

    public override void EndBlock()
    {
        Array.Clear(_totals);
        foreach (var part in _parts)
            for (var bin = part.LowestBin; bin < ValueBins<T>.Count; bin++) _totals[bin] += part.Bins[bin];
        var above = 0;
        for (var bin = ValueBins<T>.Count - 1; bin >= 0; bin--)
        {
            above += _totals[bin];
            if (above < _wanted) continue;
            _bound = T.Max(_bound, ValueBins<T>.LowerEdge(bin));
            return;
        }
    }

    public override void Rank()
    {
        var count = 0;
        foreach (var part in _parts)
        {
            part.DropBelow(_bound);
            count += part.Count;
        }

        if (_ranked.Length < count) _ranked = new T[Math.Max(count, 2 * _ranked.Length)];
        var at = 0;
        foreach (var part in _parts)
        {
            part.Values.CopyTo(_ranked.AsSpan(at));
            at += part.Count;
            part.SortByToken();
        }

        if (count == 0) return;
        var kept = Math.Min(_wanted, count);
        LowestSelected = Largest<T>.Nth(_ranked.AsSpan(0, count), kept);
        var ties = kept;
        for (var i = 0; i < count; i++)
            if (_ranked[i] > LowestSelected) ties--;
        foreach (var part in _parts) ties -= part.AcceptTies(LowestSelected, ties);
    }

    public override void Emit(int segment, int token, PairBuffer<T> pairs) => _parts[segment].Emit(token, LowestSelected, pairs);

    /// <summary>Candidates of one segment.</summary>
    private sealed class Part
    {
        private T[] _values = [];
        private long[] _places = [];       // token, then feature: sorting by place is sorting by both
        private int _cursor;
        private int _ties;

        public int Count { get; private set; }

        public int[] Bins { get; } = new int[ValueBins<T>.Count];

        public int LowestBin { get; private set; } = ValueBins<T>.Count;

        /// <summary>The bound of the last pruning.</summary>
        public T PrunedTo { get; private set; }

        public ReadOnlySpan<T> Values => _values.AsSpan(0, Count);

        public void Clear()
        {
            Count = 0;
            Array.Clear(Bins);
            (LowestBin, PrunedTo, _cursor, _ties) = (ValueBins<T>.Count, T.Zero, 0, 0);
        }

        public void Reserve(int capacity)
        {
            if (_values.Length >= capacity) return;
            Array.Resize(ref _values, Math.Max(capacity, _values.Length * 3 / 2));
            Array.Resize(ref _places, _values.Length);
        }

        /// <param name="value">Pre-activation, or a bound of it.</param>
        /// <param name="least">What it is at least.</param>
        public void Add(T value, T least, int token, int feature)
        {
            _values[Count] = value;
            _places[Count++] = ((long)token << 32) | (uint)feature;
            if (!(least > T.Zero)) return;
            var bin = ValueBins<T>.Of(least);
            Bins[bin]++;
            LowestBin = Math.Min(LowestBin, bin);
        }

        /// <summary>Replaces bounds by exact values, and drops what is not positive.</summary>
        public void Refine(ExactProducts<T> exact, T* bias, PairBuffer<T> scratch)
        {
            SortByToken();
            var kept = 0;
            for (var start = 0; start < Count;)
            {
                var token = (int)(_places[start] >> 32);
                scratch.Count = 0;
                for (; start < Count && (int)(_places[start] >> 32) == token; start++)
                {
                    scratch.Reserve(scratch.Count + 1);
                    scratch.Indices[scratch.Count++] = (int)(uint)_places[start];
                }

                exact(token, scratch.Indices, scratch.Count, scratch.Values);
                for (var i = 0; i < scratch.Count; i++)
                {
                    var value = scratch.Values[i] + bias[scratch.Indices[i]];
                    if (!(value > T.Zero)) continue;
                    _values[kept] = value;
                    _places[kept++] = ((long)token << 32) | (uint)scratch.Indices[i];
                }
            }

            Count = kept;
        }

        /// <summary>The bins keep what is dropped: a bound, once found, stays one.</summary>
        public void DropBelow(T bound)
        {
            var kept = 0;
            for (var i = 0; i < Count; i++)
            {
                if (_values[i] < bound) continue;
                (_values[kept], _places[kept]) = (_values[i], _places[i]);
                kept++;
            }

            (Count, PrunedTo) = (kept, bound);
        }

        public void SortByToken() => _places.AsSpan(0, Count).Sort(_values.AsSpan(0, Count));

        /// <summary>Lets the first few of those that equal the lowest selected value pass.</summary>
        /// <returns>How many.</returns>
        public int AcceptTies(T lowest, int most)
        {
            foreach (var value in Values)
                if (value == lowest && _ties < most) _ties++;
            return _ties;
        }

        public void Emit(int token, T lowest, PairBuffer<T> pairs)
        {
            for (; _cursor < Count && (int)(_places[_cursor] >> 32) == token; _cursor++)
            {
                var value = _values[_cursor];
                if (value < lowest || (value == lowest && _ties-- <= 0)) continue;
                pairs.Reserve(pairs.Count + 1);
                pairs.Indices[pairs.Count] = (int)(uint)_places[_cursor];
                pairs.Values[pairs.Count++] = value;
            }
        }
    }
}
