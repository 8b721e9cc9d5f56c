namespace Orchestrator.Simulation.Measures;

/// <summary>
/// How far shares were from weights, over all windows of some hours that begin at any full hour, for every experiment that
/// always has work. A share is 5 % off where it is 0.05 times its weight's part away from that part.
/// </summary>
/// <param name="Hours">Length of a window.</param>
/// <param name="Pairs">Windows times experiments. Windows with a change of weight in them or in the two hours before are left out.</param>
/// <param name="P50">Half of them are off by at most this part.</param>
/// <param name="P99">99 of 100 are.</param>
/// <param name="Max">All of them are.</param>
/// <param name="WithinFivePercent">How many are within 5 %, 0 to 1.</param>
public sealed record ShareFigures(int Hours, int Pairs, double P50, double P99, double Max, double WithinFivePercent)
{
    /// <summary>Windows that a change of weight spoils after it: jobs that run are not stopped for it.</summary>
    private const int Settling = 2;

    public static ShareFigures Of(ShareMeter meter, TimeSpan until, int hours)
    {
        var windows = meter.Windows.Where(window => window.End <= until).ToList();
        var errors = new List<double>();
        for (var first = 0; first + hours <= windows.Count; first++)
        {
            var before = Math.Max(0, first - Settling);
            if (windows.Skip(before).Take(first + hours - before).Any(window => window.Changed))
                continue;

            errors.AddRange(Errors(windows.GetRange(first, hours), meter.Names.Count));
        }

        errors.Sort();
        var within = errors.Count(error => error <= 0.05);
        return new ShareFigures(
            hours, errors.Count, Quantile.Of(errors, 0.5), Quantile.Of(errors, 0.99), errors.Count == 0 ? 0 : errors[^1], errors.Count == 0 ? 0 : (double)within / errors.Count);
    }

    private static IEnumerable<double> Errors(List<ShareWindow> windows, int experiments)
    {
        for (var i = 0; i < experiments; i++)
        {
            var got = windows.Sum(window => window.Shares[i] * window.Devices);
            var due = windows.Sum(window => window.Weights[i] * window.Devices);
            yield return Math.Abs((got / due) - 1);
        }
    }
}
