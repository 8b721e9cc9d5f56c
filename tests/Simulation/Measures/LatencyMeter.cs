namespace Orchestrator.Simulation.Measures;

/// <summary>Times of decisions: of those that were made, and of searches in vain, after which there was nothing more to do.</summary>
public sealed class LatencyMeter
{
    private readonly List<double> _madeWall = [];
    private readonly List<double> _madeProcessor = [];
    private readonly List<double> _vainWall = [];
    private readonly List<double> _vainProcessor = [];

    /// <summary>Most jobs that waited at any decision.</summary>
    public int DeepestQueue { get; private set; }

    public void Add(DecisionTime time, bool made, int waiting)
    {
        (made ? _madeWall : _vainWall).Add(time.Wall.TotalMilliseconds);
        (made ? _madeProcessor : _vainProcessor).Add(time.Processor.TotalMilliseconds);
        DeepestQueue = Math.Max(DeepestQueue, waiting);
    }

    public LatencyFigures ToFigures() => new(
        TimeFigures.Of(_madeProcessor), TimeFigures.Of(_madeWall), TimeFigures.Of(_vainProcessor), TimeFigures.Of(_vainWall), DeepestQueue);
}

/// <summary>Times of decisions in milliseconds.</summary>
/// <param name="Made">Processor time of finding something to do and noting it.</param>
/// <param name="MadeWall">The same by the wall clock, whatever else the machine did.</param>
/// <param name="Vain">Processor time of finding that there is nothing to do.</param>
/// <param name="VainWall">The same by the wall clock.</param>
/// <param name="DeepestQueue">Most jobs that waited at any of them.</param>
public sealed record LatencyFigures(TimeFigures Made, TimeFigures MadeWall, TimeFigures Vain, TimeFigures VainWall, int DeepestQueue);

/// <summary>A distribution of times, milliseconds.</summary>
public sealed record TimeFigures(int Count, double P50, double P99, double Max)
{
    public static TimeFigures Of(IEnumerable<double> milliseconds)
    {
        var sorted = milliseconds.Order().ToList();
        return new TimeFigures(sorted.Count, Quantile.Of(sorted, 0.5), Quantile.Of(sorted, 0.99), sorted.Count == 0 ? 0 : sorted[^1]);
    }
}
