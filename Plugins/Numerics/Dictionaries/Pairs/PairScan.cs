using System.Numerics;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries.Kernels;
using Orchestrator.Numerics.Dictionaries.Selection;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries.Pairs;

/// <summary>
/// Finds the active pairs of a batch on the CPU: encodes block of features by block of features, one matrix product each,
/// and lets selectors look at each block while it lies in the processor's cache. Never holds [B, F].
/// </summary>
internal sealed unsafe class PairScan<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public const int TokensPerSegment = 32;

    /// <summary>Features of a block: enough for an efficient product, few enough to stay in the cache.</summary>
    public const int FeaturesPerBlock = 1024;

    private readonly Tensor _encoderWeight;      // [F, D]
    private readonly MatrixPrecision _precision;
    private readonly WorkerTeam _team;
    private readonly Tensor _buffer;             // [B · widest block]
    private readonly T* _z;
    private readonly FeatureBlock[] _blocks;
    private readonly Action<int> _scanPiece;
    private readonly Action<int> _emitPiece;

    private BatchViews? _views;
    private PairChannel<T>[] _channels = [];
    private int _batch;
    private FeatureBlock _block;
    private int _column;                         // the block's number in the segments

    /// <param name="encoderWeight">[F, D], live.</param>
    /// <param name="batchSize">Tokens of a batch at most.</param>
    /// <param name="precision">Of the product; what it gives is rounded to <typeparamref name="T"/>.</param>
    /// <param name="team">Who looks.</param>
    public PairScan(Tensor encoderWeight, int batchSize, MatrixPrecision precision, WorkerTeam team)
    {
        (_encoderWeight, _precision, _team) = (encoderWeight, precision, team);
        var features = (int)encoderWeight.shape[0];
        _blocks = new FeatureBlock[WorkerTeam.Pieces(features, FeaturesPerBlock)];
        for (var i = 0; i < _blocks.Length; i++)
            _blocks[i] = new FeatureBlock(i, i * FeaturesPerBlock, Math.Min(FeaturesPerBlock, features - (i * FeaturesPerBlock)));
        _buffer = empty((long)batchSize * _blocks[0].Count, HostPointer.TypeOf<T>()).DetachFromDisposeScope();
        _z = HostPointer.To<T>(_buffer);
        (_scanPiece, _emitPiece) = (ScanPiece, EmitPiece);
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

    /// <summary>Finds the pairs of all blocks.</summary>
    /// <param name="rows">x − b_dec, [B, D].</param>
    /// <param name="mostPairs">After each block: how many of the first channel's pairs there may be for so many features; more, and it stops.</param>
    /// <param name="channels">Selectors and where their pairs go.</param>
    /// <returns>False when it stopped.</returns>
    public bool All(Tensor rows, Func<int, long> mostPairs, params PairChannel<T>[] channels)
    {
        Begin(rows, channels, _blocks.Length);
        foreach (var block in _blocks)
        {
            (_block, _column) = (block, block.Index);
            Encode(rows);
            _team.Run(WorkerTeam.Pieces(_batch, TokensPerSegment), _scanPiece);
            foreach (var channel in channels) channel.Selector.EndBlock();
            if (channels[0].Count(_batch) > mostPairs(block.First + block.Count)) return false;
        }

        foreach (var channel in channels)
            if (channel.Selector.Ranks) channel.Selector.Rank();
        if (Array.Exists(channels, channel => channel.Selector.Ranks))
            _team.Run(WorkerTeam.Pieces(_batch, TokensPerSegment), _emitPiece);
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
        _buffer.Dispose();
    }

    private void Begin(Tensor rows, PairChannel<T>[] channels, int blocks)
    {
        (_channels, _batch) = (channels, (int)rows.shape[0]);
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
            var pairs = channel.Segments[segment];
            for (var token = 0; token < pairs.Tokens; token++)
            {
                var start = pairs.Count;
                var row = (segment * TokensPerSegment) + token;
                if (!channel.Selector.Ranks) pairs.Pairs.Reserve(start + _block.Count);
                channel.Selector.Scan(_z + ((nint)row * _block.Count), _block.First, _block.Count, segment, row, pairs.Pairs);
                if (!channel.Selector.Ranks) pairs.EndRun(_column, token, start);
            }
        }
    }

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
