using Orchestrator.Numerics.Harvest;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Harvest;

/// <summary>
/// Stands for a device to which copies take their time: they arrive only when somebody waits for them. A staging buffer that
/// is written too early shows in the batch. Memory is ordinary.
/// </summary>
internal sealed class LateTransfer : IBatchTransfer
{
    private readonly List<(Tensor Staged, Tensor There)> _underWay = [];
    private int _prefetched;
    private int _gathering;

    /// <summary>Called at the beginning of each gathering in advance, with its number from 1.</summary>
    public Action<int, CancellationToken>? BeforePrefetch { get; init; }

    /// <summary>Copies arrive at once, as they seem to for whatever the device computes.</summary>
    public bool IsImmediate { get; set; }

    /// <summary>Gatherings in advance.</summary>
    public int Prefetched => _prefetched;

    /// <summary>Whether one is going on.</summary>
    public bool IsGathering => _gathering != 0;

    public Tensor Allocate(long vectors, long width) => full([vectors, width], float.NaN);

    public void Gather(RowCopy rows, CancellationToken stop)
    {
        Interlocked.Increment(ref _gathering);
        try
        {
            // What is asked for here and now cannot be stopped.
            if (stop.CanBeCanceled)
            {
                var number = Interlocked.Increment(ref _prefetched);
                BeforePrefetch?.Invoke(number, stop);
            }

            rows.Run(stop);
        }
        finally
        {
            Interlocked.Decrement(ref _gathering);
        }
    }

    public Tensor Send(Tensor staged)
    {
        if (IsImmediate) return staged.clone();
        var there = full_like(staged, float.NaN);
        _underWay.Add((staged, there));
        return there;
    }

    public void Finish()
    {
        foreach (var (staged, there) in _underWay)
            if (!there.IsInvalid) there.copy_(staged);
        _underWay.Clear();
    }
}
