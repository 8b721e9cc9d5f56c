using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Tensors;
using Orchestrator.Numerics.Transformers;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Harvest;

/// <summary>
/// The activations of a model at one hook point or two, in a seeded random order (paper, "Activation data"). Contexts come
/// in a random order without repetition until the split is exhausted; a buffer is filled with their activations, served
/// whole in a random order, and filled again. The n-th vector depends on the model, the split and the definition only: not
/// on the sizes of batches, on who else reads, or on where reading began.
/// </summary>
/// <remarks>
/// Memory: <see cref="BufferBytes"/>, 8 bytes a vector for the order in which they are served, one forward pass, and the
/// batches handed out. A buffer that is too large for a GPU lies in host memory (<see cref="BufferPlacement"/>); then two
/// batches of page-locked memory come to it, and the next batch is gathered while the device trains on the last one. A batch
/// that begins another filling is not: harvesting it needs the device.
/// </remarks>
public sealed class ActivationStream : IDisposable
{
    private const ulong ContextPart = 1;
    private const ulong ShufflePart = 2;

    private readonly Transformer _transformer;
    private readonly ContextReader _reader;
    private readonly ContextOrder _order;
    private readonly int _contextsInBuffer;
    private readonly ulong _shuffleSeed;
    private readonly HookPoint[] _hookPoints;
    private readonly Tensor[] _buffers;
    private readonly BatchPrefetch? _prefetch;
    private Tensor? _shuffle;
    private long _loaded = -1;

    /// <param name="transformer">The model; stays the caller's, and must live as long as the stream.</param>
    /// <param name="definition">What to harvest and how to shuffle.</param>
    /// <param name="train">The training split.</param>
    /// <exception cref="ArgumentException">The definition is impossible, or the split is shorter than one context.</exception>
    public ActivationStream(Transformer transformer, HarvestDefinition definition, ITokenSequence train)
        : this(transformer, definition, train, bytes => BufferPlacement.Of(transformer.Device, bytes))
    {
    }

    /// <param name="placement">Of the buffer, by its bytes; for tests.</param>
    internal ActivationStream(Transformer transformer, HarvestDefinition definition, ITokenSequence train, Func<long, BufferPlacement> placement)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(definition.BatchContexts, 1);
        var contextLength = transformer.Definition.ContextLength;
        if (definition.BufferVectors < contextLength)
            throw new ArgumentException($"A buffer of {definition.BufferVectors} vectors does not hold one context of {contextLength}.", nameof(definition));

        _transformer = transformer;
        Definition = definition;
        _hookPoints = definition.TargetHookPoint is { } target && target != definition.HookPoint
            ? [definition.HookPoint, target]
            : [definition.HookPoint];
        InputDim = transformer.WidthAt(_hookPoints[0]);
        TargetDim = transformer.WidthAt(_hookPoints[^1]);
        _reader = new ContextReader(train, contextLength, lookahead: 0, transformer.VocabularySize);
        _order = new ContextOrder(train.Count, contextLength, SeededRandom.Derive(definition.Seed, ContextPart));
        _shuffleSeed = SeededRandom.Derive(definition.Seed, ShufflePart);
        _contextsInBuffer = definition.BufferVectors / contextLength;
        BufferBytes = (long)BufferVectors * _hookPoints.Sum(transformer.WidthAt) * sizeof(float);
        var (device, transfer) = placement(BufferBytes);
        _prefetch = transfer is null ? null : new BatchPrefetch(transfer);
        _buffers = Array.ConvertAll(_hookPoints, hookPoint =>
            empty([BufferVectors, transformer.WidthAt(hookPoint)], ScalarType.Float32, device).DetachFromDisposeScope());
    }

    public HarvestDefinition Definition { get; }

    /// <summary>D_in.</summary>
    public int InputDim { get; }

    /// <summary>D_out; equal to <see cref="InputDim"/> where an input is its own target.</summary>
    public int TargetDim { get; }

    /// <summary>Vectors in one filling of the buffer: whole contexts, at most what the definition allows.</summary>
    public int BufferVectors => _contextsInBuffer * _order.ContextLength;

    /// <summary>
    /// Bytes of the buffer: <see cref="BufferVectors"/> × D_in × 4, or × (D_in + D_out) × 4 where targets have a hook point
    /// of their own.
    /// </summary>
    public long BufferBytes { get; }

    /// <summary>Vectors until contexts come a second time.</summary>
    public long UniqueVectors => _order.Contexts * _order.ContextLength;

    /// <summary>Vectors handed out, counted from the beginning of the stream; what is prefetched is not handed out.</summary>
    public long Position { get; private set; }

    /// <summary>The next vectors, in the stream's order, across fillings of the buffer.</summary>
    /// <param name="batchSize">How many, n.</param>
    /// <returns>[n, D], on the model's device: copies, the caller's to dispose.</returns>
    public ActivationBatch Next(int batchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        return HandOut(scope, _prefetch is null ? Gathered(batchSize) : Sent(_prefetch, batchSize));
    }

    /// <summary>
    /// Vectors of the filling that the last vector came from, without taking them from the stream: a random sample of
    /// activations that depends on <see cref="Position"/> only.
    /// </summary>
    /// <param name="most">At most this many, and never more than <see cref="BufferVectors"/>.</param>
    /// <returns>[n, D], on the model's device: copies, the caller's to dispose.</returns>
    public ActivationBatch Buffered(int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        Load(Math.Max(0, Position - 1) / BufferVectors);
        var served = _shuffle!.narrow(0, 0, Math.Min(most, BufferVectors));
        return HandOut(scope, Array.ConvertAll(_buffers, buffer => buffer.index_select(0, served).to(_transformer.Device)));
    }

    /// <summary>
    /// Goes on from any position. Costs at most one filling of the buffer, when the next batch is asked for.
    /// </summary>
    public void SeekTo(long position)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        Position = position;
    }

    public void Dispose()
    {
        _prefetch?.Dispose(); // first: it reads the buffers
        foreach (var buffer in _buffers)
            buffer.Dispose();
        _shuffle?.Dispose();
    }

    private static ActivationBatch HandOut(TorchSharp.DisposeScope scope, Tensor[] batch)
    {
        var inputs = scope.MoveToOuter(batch[0]);
        return new ActivationBatch(inputs, batch.Length == 1 ? inputs : scope.MoveToOuter(batch[1]));
    }

    private Tensor[] Gathered(int batchSize)
    {
        Tensor[]? batch = null;
        for (var done = 0; done < batchSize;)
        {
            var (start, count) = Loaded(Position + done, batchSize - done);
            var served = _shuffle!.narrow(0, start, count);
            var rows = Array.ConvertAll(_buffers, buffer => buffer.index_select(0, served));    // [count, D]
            if (count == batchSize)
            {
                batch = rows;
            }
            else
            {
                batch ??= Array.ConvertAll(_buffers, buffer => empty([batchSize, buffer.shape[1]], ScalarType.Float32, buffer.device));
                for (var i = 0; i < rows.Length; i++)
                    batch[i].narrow(0, done, count).copy_(rows[i]);
            }

            done += count;
        }

        Position += batchSize;
        return batch!;
    }

    /// <summary>The same from host memory, gathered in advance where it could be; and the next one is begun.</summary>
    private Tensor[] Sent(BatchPrefetch prefetch, int batchSize)
    {
        if (!prefetch.Complete(Position, batchSize))
        {
            for (var done = 0; done < batchSize;)
            {
                var (start, count) = Loaded(Position + done, batchSize - done);
                prefetch.Add(_buffers, _shuffle!, start, done, count, batchSize);
                done += count;
            }
        }

        var batch = prefetch.Send();
        Position += batchSize;
        var next = (int)(Position % BufferVectors);
        if (Position / BufferVectors == _loaded && next + batchSize <= BufferVectors)
            prefetch.Begin(Position, _buffers, _shuffle!, next, batchSize);
        return batch;
    }

    /// <summary>Loads the filling of a vector.</summary>
    /// <returns>The vector's place in it, and how many are there from it on, up to a number.</returns>
    private (int Start, int Count) Loaded(long position, int most)
    {
        Load(position / BufferVectors);
        var start = (int)(position % BufferVectors);
        return (start, Math.Min(most, BufferVectors - start));
    }

    private void Load(long filling)
    {
        if (filling == _loaded)
            return;
        _prefetch?.Abandon();
        _loaded = -1; // a failure in between must not leave half a buffer that passes for whole
        Fill(filling);
        Shuffle(filling);
        _loaded = filling;
    }

    private void Fill(long filling)
    {
        var first = filling * _contextsInBuffer;
        for (var done = 0; done < _contextsInBuffer; done += Definition.BatchContexts)
        {
            using var scope = NewDisposeScope();
            var contexts = Math.Min(Definition.BatchContexts, _contextsInBuffer - done);
            var tokens = _reader.Read(_order, first + done, contexts, _transformer.Device);
            var activations = _transformer.HookActivations(tokens, _hookPoints);
            for (var i = 0; i < _buffers.Length; i++)
            {
                var rows = activations[i].view(-1, _buffers[i].shape[1]);
                _buffers[i].narrow(0, (long)done * _order.ContextLength, rows.shape[0]).copy_(rows);
            }
        }
    }

    /// <summary>
    /// Rows stay where they are; a permutation says in which order they are served, so that shuffling takes no second
    /// buffer.
    /// </summary>
    private void Shuffle(long filling)
    {
        _shuffle?.Dispose();
        using var scope = NewDisposeScope();
        var order = empty([BufferVectors], ScalarType.Int64, CPU);
        var places = HostMemory.Longs(order);
        for (var i = 0; i < places.Length; i++)
            places[i] = i;
        new SeededRandom(SeededRandom.Derive(_shuffleSeed, (ulong)filling)).Shuffle(places);
        _shuffle = order.to(_buffers[0].device).DetachFromDisposeScope();
    }
}
