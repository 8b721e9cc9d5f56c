using TorchSharp;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Harvest;

/// <summary>
/// Where the buffer of a stream lies, and how its batches come to the device that trains. Decided here and nowhere else;
/// the vectors, their order and their bits are the same.
/// </summary>
/// <param name="Device">Where the buffer lies.</param>
/// <param name="Transfer">How batches, prefetched, leave the host; null: they are where they are needed, and nothing is prefetched.</param>
internal sealed record BufferPlacement(Device Device, IBatchTransfer? Transfer)
{
    /// <summary>
    /// Bytes of a buffer that a GPU still holds itself: a larger one would take the room of dictionaries and their
    /// optimiser's state, and lies in host memory.
    /// </summary>
    public const long MostOnDevice = 8L << 30;

    /// <param name="device">The device of the model and the dictionaries.</param>
    /// <param name="bytes">Of the buffer.</param>
    public static BufferPlacement Of(Device device, long bytes) => device.type == DeviceType.CUDA && bytes > MostOnDevice
        ? new BufferPlacement(CPU, new PinnedTransfer(device))
        // On the CPU too: a batch is gathered by the processors that train, and copying it once more gains nothing.
        : new BufferPlacement(device, null);
}
