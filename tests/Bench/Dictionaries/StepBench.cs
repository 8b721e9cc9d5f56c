using Orchestrator.Bench.Reporting;
using Orchestrator.Numerics.Dictionaries.Steps;
using static TorchSharp.torch;

namespace Orchestrator.Bench.Dictionaries;

/// <summary>One training step against what else the same machine could do.</summary>
internal sealed class StepBench : IBenchmark
{
    // Asked of the speed over automatic differentiation at D = 512 and batches of 2,048.
    private static readonly Dictionary<int, double> AskedSpeed = new() { [512] = 1, [4_096] = 3, [16_384] = 4.5 };

    public string Name => "step";

    public string Summary => "this trainer's step, the dense step by automatic differentiation, and the encoder's matrix product alone";

    public Report Run(BenchOptions options)
    {
        var table = new Table("F", "L0", "autograd step, ms", "this step, ms", "encoder GEMM, ms", "autograd / this", "this / GEMM", "vectors/s");
        var targets = new List<TargetFigure>();
        foreach (var features in options.Features)
        {
            var (l0, medians) = Measure(options, features);
            var (speed, overGemm) = (medians[0] / medians[1], medians[1] / medians[2]);
            table.Add(features, l0, medians[0], medians[1], medians[2], speed, overGemm, options.Batch / medians[1] * 1000);
            if (AskedSpeed.TryGetValue(features, out var asked))
                targets.Add(TargetFigure.AtLeast($"dictionary step, F = {features}: dense autograd step / this step", asked, speed, "×"));
            if (features == 16_384)
                targets.Add(TargetFigure.AtMost("dictionary step, F = 16384: whole step / float32 encoder GEMM", 1.6, overGemm, "×"));
        }

        return new Report("A dictionary's training step", options.DictionarySetting, table, targets, """
            The same weights, batch and learning rate for both steps. A step below the time of its own encoder's float32 product is
            possible where the processor multiplies bfloat16: products are screened in it, and all that may be active are computed
            again in float32, so that nothing changes in the result.
            """);
    }

    private static (double L0, double[] Medians) Measure(BenchOptions options, int features)
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
        return (trainer.ReadMetrics().L0, medians);
    }
}
