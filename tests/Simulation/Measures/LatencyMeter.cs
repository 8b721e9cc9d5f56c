namespace Orchestrator.Simulation.Measures;

/// <summary>Wall time of decisions.</summary>
public sealed class LatencyMeter
{
    private readonly List<double> _made = [];
    private readonly List<double> _vain = [];

    /// <summary>Most jobs that waited at any decision.</summary>
    public int DeepestQueue { get; private set; }

    /// <summary>Milliseconds of searches that found something to do, doing it in the core included, ascending.</summary>
    public IReadOnlyList<double> Made => _made;

    /// <summary>Milliseconds of searches that found nothing to do.</summary>
    public IReadOnlyList<double> Vain => _vain;

    public void Add(TimeSpan time, bool made, int waiting)
    {
        (made ? _made : _vain).Add(time.TotalMilliseconds);
        DeepestQueue = Math.Max(DeepestQueue, waiting);
    }

    public void Finish()
    {
        _made.Sort();
        _vain.Sort();
    }

    /// <summary>The value below which a part of an ascending list lies; 0 of an empty one.</summary>
    public static double Quantile(IReadOnlyList<double> sorted, double part) =>
        sorted.Count == 0 ? 0 : sorted[Math.Min(sorted.Count - 1, (int)Math.Ceiling(part * sorted.Count) - 1)];
}
