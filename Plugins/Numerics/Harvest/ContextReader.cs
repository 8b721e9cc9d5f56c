using Orchestrator.Numerics.Tensors;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Harvest;

/// <summary>Reads windows of a token sequence as tensors.</summary>
internal sealed class ContextReader(ITokenSequence sequence, int contextLength, int lookahead, int vocabularySize)
{
    private readonly int _width = contextLength + lookahead;

    /// <summary>Windows that come from a position of the order on.</summary>
    /// <returns>[contexts, T + lookahead], int64; the caller disposes.</returns>
    /// <exception cref="InvalidDataException">The sequence holds a token outside the vocabulary.</exception>
    public Tensor Read(ContextOrder order, long position, int contexts, Device device)
    {
        var rows = new long[(long)contexts * _width];
        Span<int> window = new int[_width];
        for (var i = 0; i < contexts; i++)
            ReadWindow(order.OffsetAt(position + i), window, rows.AsSpan(i * _width, _width));
        return HostMemory.ToTensor(rows, [contexts, _width], device);
    }

    /// <summary>Consecutive windows from an offset of the sequence on.</summary>
    /// <returns>[contexts, T + lookahead], int64; the caller disposes.</returns>
    /// <exception cref="InvalidDataException">The sequence holds a token outside the vocabulary.</exception>
    public Tensor ReadConsecutive(long firstContext, int contexts, Device device)
    {
        var rows = new long[(long)contexts * _width];
        Span<int> window = new int[_width];
        for (var i = 0; i < contexts; i++)
            ReadWindow((firstContext + i) * contextLength, window, rows.AsSpan(i * _width, _width));
        return HostMemory.ToTensor(rows, [contexts, _width], device);
    }

    private void ReadWindow(long offset, Span<int> window, Span<long> row)
    {
        sequence.Read(offset, window);
        for (var i = 0; i < window.Length; i++)
        {
            // An index beyond the embedding would end the process in the native code of a GPU.
            if ((uint)window[i] >= (uint)vocabularySize)
            {
                throw new InvalidDataException(
                    $"Token {window[i]} at {offset + i} lies outside the model's vocabulary of {vocabularySize}.");
            }

            row[i] = window[i];
        }
    }
}
