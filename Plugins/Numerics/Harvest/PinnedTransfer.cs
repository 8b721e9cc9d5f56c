using static TorchSharp.torch;

namespace Orchestrator.Numerics.Harvest;

/// <summary>
/// To a CUDA device from page-locked memory, which the device reads by itself while the host goes on. TorchSharp knows the
/// default stream only: a copy overlaps with the host's work, not with the device's.
/// </summary>
internal sealed class PinnedTransfer(Device device) : IBatchTransfer
{
    public Tensor Allocate(long vectors, long width)
    {
        using var pageable = empty([vectors, width], ScalarType.Float32, CPU);
        return pageable.pin_memory();
    }

    public Tensor Send(Tensor staged) => staged.to(device, non_blocking: true);

    // There are no events either, so it waits for what the device computes, too.
    public void Finish() => cuda.synchronize(device);
}
