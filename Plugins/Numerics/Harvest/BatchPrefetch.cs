using Orchestrator.Numerics.Dictionaries;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Harvest;

/// <summary>
/// Batches of a buffer in host memory: gathered into one of two staging buffers, on a thread of the pool where they are
/// asked for in advance, and sent to the device from there. While a batch is on its way from one, the next is gathered into
/// the other. All methods belong to one thread, the device's; the pool's touches no tensor.
/// </summary>
internal sealed class BatchPrefetch(IBatchTransfer transfer) : IDisposable
{
    private readonly Tensor[][] _staging = [[], []];
    private int _side;                      // of the batch to be sent next
    private Pending? _pending;

    /// <summary>Begins to gather a batch that will be asked for. What it is gathered from must stay as it is until then.</summary>
    /// <param name="position">Its first vector's place in the stream, by which it is known.</param>
    /// <param name="buffers">[N, D] each.</param>
    /// <param name="order">Rows in the order in which they are served, [N].</param>
    /// <param name="start">The batch's first place in the order.</param>
    /// <param name="vectors">Of the batch.</param>
    public void Begin(long position, Tensor[] buffers, Tensor order, int start, int vectors)
    {
        Abandon();
        var copies = Copies(buffers, order, start, vectors, Room(buffers, vectors), 0);
        var stop = new CancellationTokenSource();
        _pending = new Pending(position, vectors, stop, Task.Run(() => Gather(copies, stop.Token), CancellationToken.None));
    }

    /// <summary>Whether this batch was begun; it is then complete. Any other that was begun is given up.</summary>
    /// <exception cref="Exception">Whatever gathering threw; asking again gathers again.</exception>
    public bool Complete(long position, int vectors)
    {
        if (_pending is not { } pending) return false;
        if (pending.Position != position || pending.Vectors != vectors)
        {
            Abandon();
            return false;
        }

        _pending = null;
        using (pending.Stop) pending.Gathering.GetAwaiter().GetResult();
        return true;
    }

    /// <summary>Gathers a part of the batch that is sent next, here and now.</summary>
    /// <param name="at">The part's place in the batch.</param>
    /// <param name="count">Of the part.</param>
    /// <param name="vectors">Of the batch.</param>
    /// <inheritdoc cref="Begin"/>
    public void Add(Tensor[] buffers, Tensor order, int start, int at, int count, int vectors)
    {
        Abandon();
        Gather(Copies(buffers, order, start, count, Room(buffers, vectors), at), CancellationToken.None);
    }

    /// <summary>Sends the batch that was gathered last; the other staging buffer is free then.</summary>
    /// <returns>[n, D] each, on the device; the caller's dispose scope has them.</returns>
    public Tensor[] Send()
    {
        // The batch before this one must have arrived, since the next one will be gathered over it.
        transfer.Finish();
        var sent = Array.ConvertAll(_staging[_side], transfer.Send);
        _side = 1 - _side;
        return sent;
    }

    /// <summary>Gives up what was begun, so that what it is gathered from may change. A fault of it goes unheard.</summary>
    public void Abandon()
    {
        if (_pending is not { } pending) return;
        _pending = null;
        using (pending.Stop)
        {
            pending.Stop.Cancel();
            // Waits without throwing: nobody wants the batch, and whoever asks for it later meets the fault again.
            pending.Gathering.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        }
    }

    public void Dispose()
    {
        Abandon();
        transfer.Finish();
        foreach (var tensor in _staging.SelectMany(side => side)) tensor.Dispose();
    }

    private static unsafe RowCopy[] Copies(Tensor[] buffers, Tensor order, int start, int count, Tensor[] into, int at)
    {
        var copies = new RowCopy[buffers.Length];
        for (var i = 0; i < copies.Length; i++)
        {
            var width = (int)buffers[i].shape[1];
            copies[i] = new RowCopy(
                HostPointer.To<float>(buffers[i]), HostPointer.Longs(order) + start, HostPointer.To<float>(into[i]) + ((long)at * width), width, count);
        }

        return copies;
    }

    private void Gather(RowCopy[] copies, CancellationToken stop)
    {
        foreach (var copy in copies) transfer.Gather(copy, stop);
    }

    /// <summary>The staging buffer at hand, for a batch of this size.</summary>
    private Tensor[] Room(Tensor[] buffers, int vectors)
    {
        var room = _staging[_side];
        if (room.Length == 0 || room[0].shape[0] != vectors)
        {
            foreach (var tensor in room) tensor.Dispose();
            _staging[_side] = [];
            _staging[_side] = Array.ConvertAll(buffers, buffer => transfer.Allocate(vectors, buffer.shape[1]).DetachFromDisposeScope());
        }

        return _staging[_side];
    }

    /// <param name="Position">Of its first vector.</param>
    private sealed record Pending(long Position, int Vectors, CancellationTokenSource Stop, Task Gathering);
}
