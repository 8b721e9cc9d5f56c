using System.Diagnostics;

namespace Orchestrator.Bench.Reporting;

/// <summary>Interleaved rounds, so that a disturbance of the machine meets every contestant alike.</summary>
internal static class Timing
{
    /// <returns>Median milliseconds of each contestant; the first round warms up and is not counted.</returns>
    public static double[] Medians(int rounds, params Action[] contestants) => Array.ConvertAll(Rounds(rounds, contestants), Median);

    public static double Median(IReadOnlyCollection<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <returns>Milliseconds of each contestant in each round but the first, which warms up.</returns>
    public static List<double>[] Rounds(int rounds, params Action[] contestants)
    {
        var times = Array.ConvertAll(contestants, _ => new List<double>());
        for (var round = 0; round <= rounds; round++)
        {
            for (var i = 0; i < contestants.Length; i++)
            {
                var began = Stopwatch.GetTimestamp();
                contestants[i]();
                if (round > 0) times[i].Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
        }

        return times;
    }
}
