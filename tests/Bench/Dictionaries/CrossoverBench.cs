using Orchestrator.Bench.Reporting;
using Orchestrator.Numerics.Dictionaries.Steps;

namespace Orchestrator.Bench.Dictionaries;

/// <summary>At which share of active pairs the sparse path becomes the faster one: the trainer's threshold comes from here.</summary>
internal sealed class CrossoverBench : IBenchmark
{
    private static readonly double[] Shares = [0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5];

    public string Name => "crossover";

    public string Summary => "the trainer's dense and sparse paths by share of active pairs";

    public Report Run(BenchOptions options)
    {
        var table = new Table("F", "active pairs", "dense, ms", "sparse, ms", "dense / sparse", "the trainer's choice, ms");
        foreach (var features in options.Features)
            foreach (var share in Shares) Measure(options, features, share, table);
        return new Report("Where the sparse path ends", options.DictionarySetting, table, [],
            "Above 1, the path over active pairs is the faster one. The trainer chooses by the pairs of the steps before.");
    }

    private static void Measure(BenchOptions options, int features, double share, Table table)
    {
        using var setting = Setting.Create(options, features, share * features);
        using var dense = setting.Trainer(GradientPath.Dense);
        using var sparse = setting.Trainer(GradientPath.Sparse);
        using var measured = setting.Trainer(GradientPath.Measured);
        // At a high share a step costs seconds; three rounds tell factors apart.
        var medians = Timing.Medians(
            Math.Min(3, options.Rounds), () => dense.Step(setting.X), () => sparse.Step(setting.X), () => measured.Step(setting.X));
        table.Add(features, FormattableString.Invariant($"{share:P0}"), medians[0], medians[1], medians[0] / medians[1], medians[2]);
    }
}
