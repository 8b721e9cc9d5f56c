using System.Numerics;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries.Kernels;
using Orchestrator.Numerics.Dictionaries.Selection;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries.Pairs;

/// <summary>
/// Finds the active pairs of a batch on the CPU: encodes block of features by block of features, one matrix product each,
/// and lets selectors look at each block while it lies in the processor's cache. Never holds [B, F]. Where the processor
/// multiplies bfloat16 faster, blocks with few candidates are screened by such a product, and only the candidates
/// computed exactly.
/// </summary>
internal sealed unsafe class PairScan<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public const int TokensPerSegment = 32;

    /// <summary>Features of a block: enough for an efficient product, few enough to stay in the cache.</summary>
    public const int FeaturesPerBlock = 1024;

    /// <summary>Candidates are computed one by one below this share of a block; above it, the whole block is.</summary>
    private const double ScreenBelow = 0.02;

    /// <summary>Features from which on a screen pays: with fewer, looking at pairs takes the time, not the product.</summary>
    private const int ScreenFrom = 2_048;

    private readonly Tensor _encoderWeight;      // [F, D]
    private readonly int _dim;
    private readonly T* _weights;
    private readonly MatrixPrecision _precision;
    private readonly WorkerTeam _team;
    private readonly FeatureBlock[] _blocks;
    private readonly HalfScreen? _screen;
    private readonly double _screenBelow;
    private readonly Action<int> _scanPiece;
    private readonly Action<int> _screenPiece;
    private readonly Action<int> _refineBlockPiece;
    private readonly Action<int> _refinePiece;
    private readonly Action<int> _emitPiece;
    private readonly ExactProducts<T> _exact;

    private readonly int _batchSize;

    private Tensor _buffer = null!;              // [B · widest block], bound for the time of a batch
    private T* _z;
    private BatchViews? _views;
    private PairChannel<T>[] _channels = [];
    private int _batch;
    private FeatureBlock _block;
    private int _column;                         // the block's number in the segments
    private T* _rows;

    /// <param name="encoderWeight">[F, D], live.</param>
    /// <param name="batchSize">Tokens of a batch at most.</param>
    /// <param name="precision">Of the product; what it gives is rounded to <typeparamref name="T"/>.</param>
    /// <param name="team">Who looks.</param>
    /// <param name="screening">For tests: a screen pays or does not by the processor and the number of features.</param>
    public PairScan(
        Tensor encoderWeight, int batchSize, MatrixPrecision precision, WorkerTeam team, Screening screening = Screening.WherePays)
    {
        (_encoderWeight, _batchSize, _precision, _team) = (encoderWeight, batchSize, precision, team);
        _dim = (int)encoderWeight.shape[1];
        _weights = HostPointer.To<T>(encoderWeight);
        var features = (int)encoderWeight.shape[0];
        _blocks = new FeatureBlock[WorkerTeam.Pieces(features, FeaturesPerBlock)];
        for (var i = 0; i < _blocks.Length; i++)
            _blocks[i] = new FeatureBlock(i, i * FeaturesPerBlock, Math.Min(FeaturesPerBlock, features - (i * FeaturesPerBlock)));
        _screenBelow = screening == Screening.Always ? 1 : ScreenBelow;
        var pays = precision == MatrixPrecision.Float32 && features >= ScreenFrom && HalfScreen.IsWorthwhile;
        if (typeof(T) == typeof(float) && (screening == Screening.Always || (screening == Screening.WherePays && pays)))
            _screen = new HalfScreen(encoderWeight, batchSize, _blocks[0].Count, team);
        (_scanPiece, _screenPiece, _refineBlockPiece) = (ScanPiece, ScreenPiece, RefineBlockPiece);
        (_refinePiece, _emitPiece) = (RefinePiece, EmitPiece);
        _exact = Exact;
    }

    public IReadOnlyList<FeatureBlock> Blocks => _blocks;

    /// <summary>Raw pre-activations of the block at hand, [B, block].</summary>
    public T* Z => _z;

    /// <summary>The same as a tensor.</summary>
    public Tensor ZTensor => _views!.Z[_block.Index];

    /// <summary>Segments for a batch of that size.</summary>
    public static PairSegment<T>[] Segments(int batchSize, bool hasExtras)
    {
        var segments = new PairSegment<T>[WorkerTeam.Pieces(batchSize, TokensPerSegment)];
        for (var i = 0; i < segments.Length; i++) segments[i] = new PairSegment<T>(TokensPerSegment, hasExtras);
        return segments;
    }

    /// <summary>Works in that memory from now on.</summary>
    public void Bind(WorkMemory memory)
    {
        _screen?.Bind(memory);
        var buffer = memory.Area(WorkArea.PreActivations, (long)_batchSize * _blocks[0].Count, HostPointer.TypeOf<T>());
        if (ReferenceEquals(buffer, _buffer)) return;
        _views?.Dispose();
        (_buffer, _views) = (buffer, null);
        _z = HostPointer.To<T>(buffer);
    }

    /// <summary>Finds the pairs of all blocks, in the memory that it is bound to.</summary>
    /// <param name="rows">x − b_dec, [B, D].</param>
    /// <param name="mostPairs">After each block: how many of the first channel's pairs there may be for so many features; more, and it stops.</param>
    /// <param name="channels">Selectors and where their pairs go.</param>
    /// <returns>False when it stopped.</returns>
    public bool All(Tensor rows, Func<int, long> mostPairs, params PairChannel<T>[] channels)
    {
        Begin(rows, channels, _blocks.Length);
        var segments = WorkerTeam.Pieces(_batch, TokensPerSegment);
        var isScreened = MayScreen();
        var screens = isScreened;
        if (screens) _screen!.Begin(rows);
        foreach (var block in _blocks)
        {
            (_block, _column) = (block, block.Index);
            screens = screens && Screen(segments);
            if (!screens)
            {
                Encode(rows);
                _team.Run(segments, _scanPiece);
            }

            foreach (var channel in channels) channel.Selector.EndBlock();
            if (channels[0].Count(_batch) > mostPairs(block.First + block.Count)) return false;
        }

        if (!Array.Exists(channels, channel => channel.Selector.Ranks)) return true;
        if (isScreened) _team.Run(segments, _refinePiece);
        foreach (var channel in channels)
            if (channel.Selector.Ranks) channel.Selector.Rank();
        _team.Run(segments, _emitPiece);
        return true;
    }

    /// <summary>Encodes one block and finds its pairs; the segments hold those alone. Not for selectors that rank.</summary>
    public void One(Tensor rows, FeatureBlock block, params PairChannel<T>[] channels)
    {
        Begin(rows, channels, blocks: 1);
        (_block, _column) = (block, 0);
        Encode(rows);
        _team.Run(WorkerTeam.Pieces(_batch, TokensPerSegment), _scanPiece);
    }

    public void Dispose()
    {
        _views?.Dispose();
        _screen?.Dispose();
    }

    private void Begin(Tensor rows, PairChannel<T>[] channels, int blocks)
    {
        (_channels, _batch) = (channels, (int)rows.shape[0]);
        _rows = HostPointer.To<T>(rows);
        if (_views?.Batch != _batch)
        {
            _views?.Dispose();
            _views = new BatchViews(_batch, _blocks, _buffer, _encoderWeight);
        }

        foreach (var channel in channels)
        {
            channel.Selector.Begin(_batch);
            for (var segment = 0; segment < WorkerTeam.Pieces(_batch, TokensPerSegment); segment++)
                channel.Segments[segment].Begin(Math.Min(TokensPerSegment, _batch - (segment * TokensPerSegment)), blocks);
        }
    }

    private void Encode(Tensor rows)
    {
        var (z, weight) = (_views!.Z[_block.Index], _views.Weights[_block.Index]);
        if (_precision == MatrixPrecision.BFloat16)
        {
            using var scope = NewDisposeScope();
            z.copy_(rows.to(ScalarType.BFloat16).mm(weight.to(ScalarType.BFloat16)));
        }
        else
        {
            z.addmm_(rows, weight, beta: 0, alpha: 1);
        }
    }

    private void ScanPiece(int segment)
    {
        foreach (var channel in _channels)
        {
            for (var token = 0; token < channel.Segments[segment].Tokens; token++)
                Scan(channel, _z + ((((nint)segment * TokensPerSegment) + token) * _block.Count), T.Zero, segment, token);
        }
    }

    private void Scan(PairChannel<T> channel, T* z, T slack, int segment, int token)
    {
        var pairs = channel.Segments[segment];
        var start = pairs.Count;
        if (!channel.Selector.Ranks) pairs.Pairs.Reserve(start + _block.Count);
        channel.Selector.Scan(z, slack, _block.First, _block.Count, segment, (segment * TokensPerSegment) + token, pairs.Pairs);
        if (!channel.Selector.Ranks) pairs.SetRun(_column, token, start, pairs.Count);
    }

    /// <summary>
    /// Whether blocks are to be screened. Depends on what is computed and on the kind of processor alone: values from a
    /// screen differ from those of a whole product in their last bits.
    /// </summary>
    private bool MayScreen()
    {
        if (_screen is null) return false;
        var ranking = _channels.Count(channel => channel.Selector.Ranks);
        // A screen that gives up on a block cannot take back what a ranking has seen of it.
        return ranking == 0 || (ranking == _channels.Length
            && _channels.Sum(channel => channel.Selector.PerToken) <= _screenBelow * _blocks.Sum(block => block.Count));
    }

    /// <summary>Screens the block at hand.</summary>
    /// <returns>False, having found nothing, when so much of it may be active that a product in full is faster.</returns>
    private bool Screen(int segments)
    {
        _screen!.Encode(_block);
        _team.Run(segments, _screenPiece);
        foreach (var channel in _channels)
        {
            if (channel.Selector.Ranks || CandidatesOf(channel, segments) <= _screenBelow * _batch * _block.Count) continue;
            foreach (var taken in _channels)
                for (var segment = 0; segment < segments; segment++) taken.Segments[segment].DropBlock(_column);
            return false;
        }

        _team.Run(segments, _refineBlockPiece);
        return true;
    }

    private long CandidatesOf(PairChannel<T> channel, int segments)
    {
        long count = 0;
        for (var segment = 0; segment < segments; segment++) count += channel.Segments[segment].CountOf(_column);
        return count;
    }

    private void ScreenPiece(int segment)
    {
        var bounds = stackalloc float[FeaturesPerBlock];
        for (var token = 0; token < _channels[0].Segments[segment].Tokens; token++)
        {
            var row = (segment * TokensPerSegment) + token;
            _screen!.Bounds(row, bounds);
            foreach (var channel in _channels)
                Scan(channel, (T*)bounds, T.CreateChecked(_screen.Slack(row)), segment, token);
        }
    }

    /// <summary>Of the pairs that were taken on bounds, keeps those that are active.</summary>
    private void RefineBlockPiece(int segment)
    {
        foreach (var channel in _channels)
        {
            if (channel.Selector.Ranks) continue;
            var pairs = channel.Segments[segment];
            var indices = pairs.Pairs.Indices;
            var values = pairs.Pairs.Values;
            var z = pairs.Pairs.Gradients;
            var kept = pairs.Run(_column, 0).Start;
            for (var token = 0; token < pairs.Tokens; token++)
            {
                var (start, end) = pairs.Run(_column, token);
                Exact((segment * TokensPerSegment) + token, indices + start, end - start, z + start);
                var first = kept;
                for (var pair = start; pair < end; pair++)
                {
                    if (!channel.Selector.Admits(indices[pair], z[pair], out var value)) continue;
                    indices[kept] = indices[pair];
                    values[kept++] = value;
                }

                pairs.SetRun(_column, token, first, kept);
            }

            pairs.Pairs.Count = kept;
        }
    }

    private void RefinePiece(int segment)
    {
        foreach (var channel in _channels)
            if (channel.Selector.Ranks) channel.Selector.Refine(segment, _exact);
    }

    private void Exact(int token, int* features, int count, T* z) =>
        RowKernels<T>.Dots(_rows + ((nint)token * _dim), _weights, _dim, features, count, z);

    private void EmitPiece(int segment)
    {
        foreach (var channel in _channels)
        {
            if (!channel.Selector.Ranks) continue;
            var pairs = channel.Segments[segment];
            for (var token = 0; token < pairs.Tokens; token++)
            {
                var start = pairs.Count;
                channel.Selector.Emit(segment, (segment * TokensPerSegment) + token, pairs.Pairs);
                pairs.EndToken(token, start, FeaturesPerBlock);
            }
        }
    }

    /// <summary>Views for one size of batch, kept because making them allocates.</summary>
    private sealed class BatchViews : IDisposable
    {
        public BatchViews(int batch, FeatureBlock[] blocks, Tensor buffer, Tensor encoderWeight)
        {
            Batch = batch;
            using var scope = NewDisposeScope();
            Z = Array.ConvertAll(blocks, block => buffer.narrow(0, 0, (long)batch * block.Count).view(batch, block.Count).DetachFromDisposeScope());
            Weights = Array.ConvertAll(blocks, block => encoderWeight.narrow(0, block.First, block.Count).t().DetachFromDisposeScope());
        }

        public int Batch { get; }

        /// <summary>[B, block] each.</summary>
        public Tensor[] Z { get; }

        /// <summary>[D, block] each.</summary>
        public Tensor[] Weights { get; }

        public void Dispose()
        {
            foreach (var view in Z) view.Dispose();
            foreach (var view in Weights) view.Dispose();
        }
    }
}

/// <summary>Whether blocks of features are screened in half precision first.</summary>
internal enum Screening
{
    /// <summary>By the kind of processor, the number of features and the share of candidates.</summary>
    WherePays,

    /// <summary>Every block, whatever it costs.</summary>
    Always,
    Never,
}

/// <summary>Some neighbouring features.</summary>
internal readonly record struct FeatureBlock(int Index, int First, int Count);

/// <summary>A selector and the segments that its pairs go to.</summary>
internal sealed record PairChannel<T>(PairSelector<T> Selector, PairSegment<T>[] Segments)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Pairs so far.</summary>
    public long Count(int batch)
    {
        long count = 0;
        for (var segment = 0; segment < WorkerTeam.Pieces(batch, PairScan<T>.TokensPerSegment); segment++) count += Segments[segment].Count;
        return count;
    }
}
