using Orchestrator.Numerics.Dictionaries.Steps;
using static TorchSharp.torch;

namespace Orchestrator.Bench;

/// <summary>One training step against what else the same machine could do.</summary>
internal static class StepBench
{
    public static int Run(BenchOptions options)
    {
        Timing.PrintMachine(options);
        Console.WriteLine("| F | L0 | autograd step, ms | this step, ms | encoder GEMM, ms | autograd / this | this / GEMM | vectors/s |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (var features in options.Features) Measure(options, features);
        return 0;
    }

    private static void Measure(BenchOptions options, int features)
    {
        using var setting = Setting.Create(options, features, options.L0);
        using var baseline = setting.Baseline();
        using var trainer = setting.Trainer(GradientPath.Measured);
        using var product = empty(options.Batch, features);
        var medians = Timing.Medians(
            options.Rounds,
            () => baseline.Step(setting.X),
            () => trainer.Step(setting.X),
            () =>
            {
                using var scope = NewDisposeScope();
                product.addmm_(setting.X, setting.Dictionary.EncoderWeight.t(), beta: 0, alpha: 1);
            });
        Console.WriteLine(FormattableString.Invariant(
            $"| {features} | {trainer.ReadMetrics().L0:F1} | {medians[0]:F1} | {medians[1]:F1} | {medians[2]:F1} | {medians[0] / medians[1]:F2} | {medians[1] / medians[2]:F2} | {options.Batch / medians[1] * 1000:F0} |"));
    }
}
