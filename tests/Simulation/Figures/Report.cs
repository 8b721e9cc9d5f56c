using Orchestrator.Simulation.Measures;

namespace Orchestrator.Simulation.Figures;

/// <summary>Figures for people.</summary>
internal static class Report
{
    public static void Print(SimulationFigures figures)
    {
        Console.WriteLine($"{figures.CompletedRuns:N0} runs on {figures.Workload.Devices:N0} devices for {figures.Workload.Experiments} experiments: {figures.Workload.Time.TotalDays:0.#} days in {figures.Seconds:0} s");
        foreach (var share in figures.Shares)
            Console.WriteLine($"shares over {share.Hours} h: {share.WithinFivePercent:P1} within 5 % of the weight; off by {share.P50:P1} (half of them), {share.P99:P1} (99 of 100), {share.Max:P1} (all {share.Pairs:N0})");

        Console.WriteLine($"longest wait of a first job: {figures.LongestFirstWaitHours:0.0} h of {figures.LongestFirstWaitOf}; stated bound {figures.FirstWaitBoundHours:0.0} h");
        Console.WriteLine($"sweeps' runs waited {figures.SweepWaitP50Hours:0.0} h (half), {figures.SweepWaitP99Hours:0.0} h (99 of 100)");
        Console.WriteLine($"utilisation {figures.Utilisation:P1}; {figures.Preemptions:N0} preempted, {figures.Pauses} paused, {figures.Losses} lost with {figures.LostDeviceHours:0} device hours");
        Print($"decisions of the week, queue up to {figures.Decisions.DeepestQueue:N0}", figures.Decisions);
        if (figures.FullQueue is { } full)
        {
            Print($"decisions with {full.Decisions.DeepestQueue:N0} jobs in the queue", full.Decisions);
            Console.WriteLine($"enqueue {Milliseconds(full.Enqueue)}; explain {Milliseconds(full.Explain)}; restart {Milliseconds(full.Restart)}");
        }

        Console.WriteLine($"{figures.KilobytesPerChange:0.0} KB a change; fingerprint {figures.Fingerprint}");
    }

    private static void Print(string what, LatencyFigures latency)
    {
        Console.WriteLine($"{what}: made {Milliseconds(latency.Made)}; wall {Milliseconds(latency.MadeWall)}");
        Console.WriteLine($"  in vain {Milliseconds(latency.Vain)}; wall {Milliseconds(latency.VainWall)}");
    }

    private static string Milliseconds(TimeFigures time) => $"{time.P50:0.000} ms (p50) {time.P99:0.000} (p99) {time.Max:0.0} (max of {time.Count:N0})";
}
