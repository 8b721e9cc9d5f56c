using Orchestrator.Abstractions;
using Orchestrator.Numerics.Tensors;
using Orchestrator.Numerics.Transformers;
using static TorchSharp.torch;

namespace Orchestrator.Silo.Plugins;

/// <summary>
/// Logit weights of many directions at one hook point, computed a block at a time. Blocks are kept while all of them would take at most
/// 256 MiB; of a larger table only the newest.
/// </summary>
internal sealed class LogitRows
{
    private const int BlockRows = 256;
    private const long KeptBytes = 256L << 20;

    private readonly Transformer _transformer;
    private readonly HookPoint _hookPoint;
    private readonly Func<int, int, Tensor> _directions;
    private readonly int _count;
    private readonly float[]?[] _blocks;
    private readonly bool _keepsAll;

    /// <param name="transformer">The model.</param>
    /// <param name="hookPoint">What they are directions at.</param>
    /// <param name="directions">From the first row and the number of rows to [rows, D]; runs in a dispose scope.</param>
    /// <param name="count">Directions in all.</param>
    public LogitRows(Transformer transformer, HookPoint hookPoint, Func<int, int, Tensor> directions, int count)
    {
        _transformer = transformer;
        _hookPoint = hookPoint;
        _directions = directions;
        _count = count;
        _blocks = new float[]?[(count + BlockRows - 1) / BlockRows];
        _keepsAll = (long)count * transformer.VocabularySize * sizeof(float) <= KeptBytes;
    }

    /// <summary>The row of one direction, [V].</summary>
    public float[] Of(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)_count, nameof(index));
        var block = index / BlockRows;
        if (_blocks[block] is null)
        {
            if (!_keepsAll)
            {
                Array.Clear(_blocks);
            }

            _blocks[block] = Compute(block * BlockRows);
        }

        var vocabulary = _transformer.VocabularySize;
        return _blocks[block]!.AsSpan(index % BlockRows * vocabulary, vocabulary).ToArray();
    }

    private float[] Compute(int first)
    {
        using var scope = NewDisposeScope();
        return HostMemory.ToSingles(_transformer.LogitWeights(_directions(first, Math.Min(BlockRows, _count - first)), _hookPoint));
    }
}
