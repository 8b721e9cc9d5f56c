namespace Orchestrator.Abstractions.Analyses.Statistics;

/// <summary>
/// Activations of one source kept from the first reading for the second, up to a limit; beyond it they are computed
/// again. Both readings see the same batches in the same order.
/// </summary>
/// <param name="source">Whose activations.</param>
/// <param name="limitBytes">Memory that they may take.</param>
public sealed class ActivationCache(IFeatureSource source, long limitBytes)
{
    private readonly List<SparseActivations> _kept = [];
    private long _bytes;
    private bool _isFull;
    private int _next;

    /// <summary>The first reading: the next batch.</summary>
    public SparseActivations First(TokenBatch batch)
    {
        var activations = source.Activations(batch);
        var bytes = 4L * (activations.Offsets.Length + activations.Features.Length + activations.Values.Length);
        _isFull |= _bytes + bytes > limitBytes;
        if (!_isFull)
        {
            _kept.Add(activations);
            _bytes += bytes;
        }

        return activations;
    }

    /// <summary>The second reading: the next batch.</summary>
    public SparseActivations Second(TokenBatch batch) => _next < _kept.Count ? _kept[_next++] : source.Activations(batch);
}
