using static TorchSharp.torch;

namespace Orchestrator.Numerics.Harvest;

/// <summary>The way of batches from host memory to the device that trains.</summary>
internal interface IBatchTransfer
{
    /// <summary>Host memory to send batches from.</summary>
    /// <returns>float32, [n, D]; the caller disposes.</returns>
    Tensor Allocate(long vectors, long width);

    /// <summary>Gathers rows. Called on other threads than the rest, one call at a time.</summary>
    void Gather(RowCopy rows, CancellationToken stop) => rows.Run(stop);

    /// <summary>Begins to copy to the device.</summary>
    /// <param name="staged">What <see cref="Allocate"/> gave; not to be written until <see cref="Finish"/> has returned.</param>
    /// <returns>On the device, [n, D]: whatever the device computes from now on sees it copied. The caller's dispose scope has it.</returns>
    Tensor Send(Tensor staged);

    /// <summary>Waits until all copies have arrived.</summary>
    void Finish();
}
