namespace Orchestrator.Numerics.Harvest;

/// <summary>
/// Rows to be copied within host memory. It touches addresses only, no tensor, so that any thread may run it: whoever does
/// keeps the tensors alive, and what is read unchanged, meanwhile.
/// </summary>
/// <param name="rows">The first row to choose from.</param>
/// <param name="order">Which rows: <paramref name="count"/> numbers.</param>
/// <param name="into">Where the first of them goes; the others follow.</param>
/// <param name="width">float32 numbers of a row.</param>
internal sealed unsafe class RowCopy(float* rows, long* order, float* into, int width, int count)
{
    private const int RowsBetweenLooks = 256;

    private readonly float* _rows = rows;
    private readonly long* _order = order;
    private readonly float* _into = into;

    /// <exception cref="OperationCanceledException">Stopped with some rows copied.</exception>
    public void Run(CancellationToken stop)
    {
        var bytes = (long)width * sizeof(float);
        for (var row = 0; row < count; row++)
        {
            if (row % RowsBetweenLooks == 0) stop.ThrowIfCancellationRequested();
            Buffer.MemoryCopy(_rows + (_order[row] * width), _into + ((long)row * width), bytes, bytes);
        }
    }
}
