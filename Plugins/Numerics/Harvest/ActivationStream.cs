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
/// batches handed out.
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
    private Tensor? _shuffle;
    private long _loaded = -1;

    /// <param name="transformer">The model; stays the caller's, and must live as long as the stream.</param>
    /// <param name="definition">What to harvest and how to shuffle.</param>
    /// <param name="train">The training split.</param>
    /// <exception cref="ArgumentException">The definition is impossible, or the split is shorter than one context.</exception>
    public ActivationStream(Transformer transformer, HarvestDefinition definition, ITokenSequence train)
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
        _buffers = Array.ConvertAll(_hookPoints, hookPoint =>
            empty([BufferVectors, transformer.WidthAt(hookPoint)], ScalarType.Float32, transformer.Device).DetachFromDisposeScope());
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
    public long BufferBytes => _buffers.Sum(buffer => buffer.numel() * buffer.element_size());

    /// <summary>Vectors until contexts come a second time.</summary>
    public long UniqueVectors => _order.Contexts * _order.ContextLength;

    /// <summary>Vectors handed out, counted from the beginning of the stream.</summary>
    public long Position { get; private set; }

    /// <summary>The next vectors, in the stream's order, across fillings of the buffer.</summary>
    /// <param name="batchSize">How many, n.</param>
    /// <returns>[n, D]: copies, the caller's to dispose.</returns>
    public ActivationBatch Next(int batchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        Tensor[]? batch = null;
        for (var done = 0; done < batchSize;)
        {
            Load(Position / BufferVectors);
            var start = (int)(Position % BufferVectors);
            var count = Math.Min(batchSize - done, BufferVectors - start);
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
            Position += count;
        }

        return HandOut(scope, batch!);
    }

    /// <summary>
    /// Vectors of the filling that the last vector came from, without taking them from the stream: a random sample of
    /// activations that depends on <see cref="Position"/> only.
    /// </summary>
    /// <param name="most">At most this many, and never more than <see cref="BufferVectors"/>.</param>
    /// <returns>[n, D]: copies, the caller's to dispose.</returns>
    public ActivationBatch Buffered(int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        Load(Math.Max(0, Position - 1) / BufferVectors);
        var served = _shuffle!.narrow(0, 0, Math.Min(most, BufferVectors));
        return HandOut(scope, Array.ConvertAll(_buffers, buffer => buffer.index_select(0, served)));
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
        foreach (var buffer in _buffers)
            buffer.Dispose();
        _shuffle?.Dispose();
    }

    private static ActivationBatch HandOut(TorchSharp.DisposeScope scope, Tensor[] batch)
    {
        var inputs = scope.MoveToOuter(batch[0]);
        return new ActivationBatch(inputs, batch.Length == 1 ? inputs : scope.MoveToOuter(batch[1]));
    }

    private void Load(long filling)
    {
        if (filling == _loaded)
            return;
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
        _shuffle = order.to(_transformer.Device).DetachFromDisposeScope();
    }
}
