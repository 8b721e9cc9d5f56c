using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Tensors;
using Orchestrator.Numerics.Transformers;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Harvest;

/// <summary>
/// The activations of a model at a hook point, in a seeded random order (paper, "Activation data"). Contexts come in a
/// random order without repetition until the split is exhausted; a buffer is filled with their activations, served whole
/// in a random order, and filled again. The n-th vector depends on the model, the split and the definition only: not on
/// the sizes of batches, on who else reads, or on where reading began.
/// </summary>
/// <remarks>Memory: the buffer (vectors × D × 4 bytes), one forward pass, and the batches handed out.</remarks>
public sealed class ActivationStream : IDisposable
{
    private const ulong ContextPart = 1;
    private const ulong ShufflePart = 2;

    private readonly Transformer _transformer;
    private readonly ContextReader _reader;
    private readonly ContextOrder _order;
    private readonly int _contextsInBuffer;
    private readonly ulong _shuffleSeed;
    private readonly Tensor _buffer;
    private Tensor? _shuffle;
    private long _loaded = -1;

    /// <param name="transformer">The model; stays the caller's, and must live as long as the stream.</param>
    /// <param name="definition">What to harvest and how to shuffle.</param>
    /// <param name="train">The training split.</param>
    /// <exception cref="ArgumentException">The definition is impossible, or the split is shorter than one context.</exception>
    public ActivationStream(Transformer transformer, HarvestDefinition definition, ITokenSequence train)
    {
        if (!HookPoint.Known.Contains(definition.HookPoint))
            throw new ArgumentException($"The hook point '{definition.HookPoint}' is unknown; known: {string.Join(", ", HookPoint.Known)}.", nameof(definition));
        ArgumentOutOfRangeException.ThrowIfLessThan(definition.BatchContexts, 1);
        var contextLength = transformer.Definition.ContextLength;
        if (definition.BufferVectors < contextLength)
            throw new ArgumentException($"A buffer of {definition.BufferVectors} vectors does not hold one context of {contextLength}.", nameof(definition));

        _transformer = transformer;
        Definition = definition;
        _reader = new ContextReader(train, contextLength, lookahead: 0, transformer.VocabularySize);
        _order = new ContextOrder(train.Count, contextLength, SeededRandom.Derive(definition.Seed, ContextPart));
        _shuffleSeed = SeededRandom.Derive(definition.Seed, ShufflePart);
        _contextsInBuffer = definition.BufferVectors / contextLength;
        _buffer = empty([BufferVectors, ActivationDim], ScalarType.Float32, transformer.Device).DetachFromDisposeScope();
    }

    public HarvestDefinition Definition { get; }

    /// <summary>D.</summary>
    public int ActivationDim => _transformer.ActivationDim;

    /// <summary>Vectors in one filling of the buffer: whole contexts, at most what the definition allows.</summary>
    public int BufferVectors => _contextsInBuffer * _order.ContextLength;

    /// <summary>Vectors until contexts come a second time.</summary>
    public long UniqueVectors => _order.Contexts * _order.ContextLength;

    /// <summary>Vectors handed out, counted from the beginning of the stream.</summary>
    public long Position { get; private set; }

    /// <summary>The next vectors, in the stream's order, across fillings of the buffer.</summary>
    /// <param name="batchSize">How many, B.</param>
    /// <returns>[B, D]: a copy, the caller's to dispose.</returns>
    public Tensor Next(int batchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        Tensor? batch = null;
        for (var done = 0; done < batchSize;)
        {
            Load(Position / BufferVectors);
            var start = (int)(Position % BufferVectors);
            var count = Math.Min(batchSize - done, BufferVectors - start);
            var rows = _buffer.index_select(0, _shuffle!.narrow(0, start, count));         // [count, D]
            if (count == batchSize)
            {
                batch = rows;
            }
            else
            {
                batch ??= empty([batchSize, ActivationDim], ScalarType.Float32, _buffer.device);
                batch.narrow(0, done, count).copy_(rows);
            }

            done += count;
            Position += count;
        }

        return scope.MoveToOuter(batch!);
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
        _buffer.Dispose();
        _shuffle?.Dispose();
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
            var tokens = _reader.Read(_order, first + done, contexts, _buffer.device);
            var activations = _transformer.HookActivations(tokens).view(-1, ActivationDim);
            _buffer.narrow(0, (long)done * _order.ContextLength, activations.shape[0]).copy_(activations);
        }
    }

    /// <summary>
    /// Rows stay where they are; a permutation says in which order they are served, so that shuffling takes no second
    /// buffer.
    /// </summary>
    private void Shuffle(long filling)
    {
        var order = new long[BufferVectors];
        for (var i = 0; i < order.Length; i++)
            order[i] = i;
        new SeededRandom(SeededRandom.Derive(_shuffleSeed, (ulong)filling)).Shuffle(order.AsSpan());
        _shuffle?.Dispose();
        _shuffle = HostMemory.ToTensor(order, [order.Length], _buffer.device).DetachFromDisposeScope();
    }
}
