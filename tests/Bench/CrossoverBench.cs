using Orchestrator.Numerics.Dictionaries.Steps;

namespace Orchestrator.Bench;

/// <summary>At which share of active pairs the sparse path becomes the faster one: the trainer's threshold comes from here.</summary>
internal static class CrossoverBench
{
    private static readonly double[] Shares = [0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5];

    public static int Run(BenchOptions options)
    {
        Timing.PrintMachine(options);
        Console.WriteLine("| F | active | dense, ms | sparse, ms | dense / sparse |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var features in options.Features)
            foreach (var share in Shares) Measure(options, features, share);
        return 0;
    }

    private static void Measure(BenchOptions options, int features, double share)
    {
        using var setting = Setting.Create(options, features, share * features);
        using var dense = setting.Trainer(GradientPath.Dense);
        using var sparse = setting.Trainer(GradientPath.Sparse);
        var medians = Timing.Medians(options.Rounds, () => dense.Step(setting.X), () => sparse.Step(setting.X));
        Console.WriteLine(FormattableString.Invariant(
            $"| {features} | {share:P0} | {medians[0]:F1} | {medians[1]:F1} | {medians[0] / medians[1]:F2} |"));
    }
}
