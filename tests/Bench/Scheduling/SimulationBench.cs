using Orchestrator.Bench.Reporting;
using Orchestrator.Simulation.Cluster;
using Orchestrator.Simulation.Figures;
using Orchestrator.Simulation.Workloads;

namespace Orchestrator.Bench.Scheduling;

/// <summary>The scheduler over a simulated week; <c>tests/Simulation</c> shows more of it.</summary>
internal sealed class SimulationBench : IBenchmark
{
    private const int WindowHours = 4;
    private const double AskedMilliseconds = 10;

    public string Name => "simulation";

    public string Summary => "shares, waits and decision times of 1,000 devices over a simulated week";

    public Report Run(BenchOptions options)
    {
        var (workloadOptions, simulation) = (new WorkloadOptions(), new SimulationOptions());
        var workload = Workload.Create(workloadOptions);
        var figures = SimulationFigures.Of(SimulatedCluster.Run(workload, simulation), workloadOptions, simulation);
        var full = FullQueue.Measure(workload, simulation).Decisions;
        var shares = figures.Shares.Single(window => window.Hours == WindowHours);
        var table = new Table("what", "figure", "unit");
        table.Add($"shares within 5 % of their weights, windows of {WindowHours} h", shares.WithinFivePercent * 100, "%");
        table.Add($"the worst of {shares.Pairs:N0}", shares.Max * 100, "% off");
        table.Add("longest wait of a first job", figures.LongestFirstWaitHours, "h");
        table.Add("its stated bound", figures.FirstWaitBoundHours, "h");
        table.Add("devices at work", figures.Utilisation * 100, "%");
        table.Add("a decision, median", figures.Decisions.Made.P50, "ms");
        table.Add("a decision, 99th percentile", figures.Decisions.Made.P99, "ms");
        table.Add("a decision with 100,000 jobs waiting, 99th percentile", full.Made.P99, "ms");
        return new Report(
            "A simulated week",
            FormattableString.Invariant($"{workloadOptions.Devices:N0} devices, {workloadOptions.Experiments} experiments, {figures.CompletedRuns:N0} runs, seed {workloadOptions.Seed}"),
            table,
            [
                TargetFigure.AtMost($"simulated week: worst share against its weight, windows of {WindowHours} h", 5, shares.Max * 100, "%") with { Issue = "C" },
                TargetFigure.AtMost("simulated week: longest wait of a first job against its stated bound", 1, figures.LongestFirstWaitHours / figures.FirstWaitBoundHours, "×") with { Issue = "C" },
                TargetFigure.AtMost("scheduler's decision, 99th percentile, 100,000 jobs waiting", AskedMilliseconds, Math.Max(figures.Decisions.Made.P99, full.Made.P99), "ms") with { Issue = "C" },
            ],
            "The scheduling core of the product with a clock of its own. Decision times are of one thread's processor clock; decisions themselves come out the same for the same seed.");
    }
}
