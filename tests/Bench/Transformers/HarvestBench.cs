using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Bench.Reporting;
using Orchestrator.Numerics.Harvest;
using Orchestrator.Numerics.Transformers;
using static TorchSharp.torch;

namespace Orchestrator.Bench.Transformers;

/// <summary>A stream of activations, filled and served whole, against training the same model on as many tokens.</summary>
internal sealed class HarvestBench : IBenchmark
{
    private const int BufferVectors = 65_536;
    private const int BatchVectors = 2_048;
    private const int BatchContexts = 32;
    private const int TrainingContexts = 8;
    private const int TrainingSteps = 8;
    private const double Asked = 3;

    public string Name => "harvest";

    public string Summary => "filling and serving a stream of activations, and training the same model";

    public Report Run(BenchOptions options)
    {
        var table = new Table(
            "hook point", "training, tokens/s", "harvest, tokens/s", "harvest / training", "passes alone, tokens/s", "harvest, GFLOP/s", "GEMM, GFLOP/s", "share of GEMM", "buffer, MB");
        var targets = new List<TargetFigure>();
        foreach (var (input, target) in options.HookPoints)
        {
            var ratio = Measure(options, input, target, table);
            targets.Add(TargetFigure.AtLeast($"harvest at {Title(input, target)}: tokens/s over those of training", Asked, ratio, "×"));
        }

        return new Report(
            "Harvesting activations", $"{options.ModelSetting}; a buffer of {BufferVectors:N0} vectors, passes of {BatchContexts} contexts, batches of {BatchVectors:N0} vectors", table, targets,
            "Harvest: the buffer filled, shuffled and served whole. Passes alone: the same contexts through the model, nothing kept.");
    }

    /// <returns>Harvest over training.</returns>
    private static double Measure(BenchOptions options, HookPoint input, HookPoint? target, Table table)
    {
        using var scope = NewDisposeScope();
        var length = options.Model.ContextLength;
        var tokens = new RandomTokens(options.VocabularySize);
        using var transformer = new Transformer(options.Model, options.VocabularySize, CPU, seed: 1);
        using var trained = transformer.RandomTwin(seed: 1);
        using var trainer = TransformerBench.Trainer(trained, tokens, TrainingContexts);
        var definition = new HarvestDefinition { HookPoint = input, TargetHookPoint = target, BufferVectors = BufferVectors, BatchContexts = BatchContexts, Seed = 1 };
        using var stream = new ActivationStream(transformer, definition, tokens);
        var windows = Windows(tokens, length);
        var (product, productFlops) = TransformerBench.LargestProduct(options, TrainingContexts);

        HookPoint[] hookPoints = target is { } other ? [input, other] : [input];
        var passes = stream.BufferVectors / (BatchContexts * length);
        var medians = Timing.Medians(
            options.Rounds,
            () => Repeat(TrainingSteps, () => trainer.Step()),
            () => Repeat(stream.BufferVectors / BatchVectors, () => stream.Next(BatchVectors).Dispose()),
            () => Repeat(passes, () => Pass(transformer, windows, hookPoints)),
            () => Repeat(TrainingSteps, product));
        var training = TrainingSteps * TrainingContexts * length / medians[0] * 1_000;
        var harvest = stream.BufferVectors / BatchVectors * BatchVectors / medians[1] * 1_000;
        var alone = passes * BatchContexts * length / medians[2] * 1_000;
        var flops = TransformerFlops.UpTo(options.Model, hookPoints.Max()) / length * harvest / 1e9;
        var gemm = TrainingSteps * productFlops / medians[3] / 1e6;
        table.Add(
            Title(input, target), training, harvest, harvest / training, alone, flops, gemm, FormattableString.Invariant($"{flops / gemm:P0}"), stream.BufferBytes / 1e6);
        return harvest / training;
    }

    private static string Title(HookPoint input, HookPoint? target) => target is { } other ? $"{input} → {other}" : $"{input}";

    private static void Pass(Transformer transformer, Tensor windows, HookPoint[] hookPoints)
    {
        foreach (var activations in transformer.HookActivations(windows, hookPoints)) activations.Dispose();
    }

    private static Tensor Windows(RandomTokens tokens, int length)
    {
        var ids = new int[BatchContexts * length];
        tokens.Read(0, ids);
        return tensor(Array.ConvertAll(ids, token => (long)token)).view(BatchContexts, length);
    }

    private static void Repeat(int count, Action action)
    {
        for (var i = 0; i < count; i++) action();
    }
}
