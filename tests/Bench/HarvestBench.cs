using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Harvest;
using Orchestrator.Numerics.Transformers;
using static TorchSharp.torch;

namespace Orchestrator.Bench;

/// <summary>A stream of activations, filled and served whole, against training the same model on as many tokens.</summary>
internal static class HarvestBench
{
    private const int BufferVectors = 65_536;
    private const int BatchVectors = 2_048;
    private const int BatchContexts = 32;
    private const int TrainingContexts = 8;
    private const int TrainingSteps = 8;

    public static int Run(ModelBenchOptions options)
    {
        var model = options.Architecture;
        Timing.PrintMachine($"layers {model.Layers}, d_model {model.ModelDim}, d_mlp {model.MlpDim}, heads {model.Heads}, context {model.ContextLength}, vocabulary {options.VocabularySize}; a buffer of {BufferVectors} vectors, passes of {BatchContexts} contexts, batches of {BatchVectors} vectors", options.Rounds);
        Console.WriteLine("| hook point | training, tokens/s | harvest, tokens/s | harvest / training | of the best rounds | passes alone, tokens/s | harvest, GFLOP/s | GEMM, GFLOP/s | share of GEMM | buffer, MB |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach (var (input, target) in options.HookPoints) Measure(options, input, target);
        return 0;
    }

    private static void Measure(ModelBenchOptions options, HookPoint input, HookPoint? target)
    {
        using var scope = NewDisposeScope();
        var length = options.Architecture.ContextLength;
        var tokens = new RandomTokens(options.VocabularySize);
        using var transformer = new Transformer(options.Architecture, options.VocabularySize, CPU, seed: 1);
        using var trained = transformer.RandomTwin(seed: 1);
        using var trainer = TransformerBench.Trainer(trained, tokens, TrainingContexts);
        var definition = new HarvestDefinition { HookPoint = input, TargetHookPoint = target, BufferVectors = BufferVectors, BatchContexts = BatchContexts, Seed = 1 };
        using var stream = new ActivationStream(transformer, definition, tokens);
        var windows = Windows(tokens, length);
        var (product, productFlops) = TransformerBench.LargestProduct(options, TrainingContexts);

        HookPoint[] hookPoints = target is { } other ? [input, other] : [input];
        var passes = stream.BufferVectors / (BatchContexts * length);
        var rounds = Timing.Rounds(
            options.Rounds,
            () => Repeat(TrainingSteps, () => trainer.Step()),
            () => Repeat(stream.BufferVectors / BatchVectors, () => stream.Next(BatchVectors).Dispose()),
            () => Repeat(passes, () => Pass(transformer, windows, hookPoints)),
            () => Repeat(TrainingSteps, product));
        var medians = Array.ConvertAll(rounds, Timing.Median);
        var training = TrainingSteps * TrainingContexts * length / medians[0] * 1_000;
        var harvest = stream.BufferVectors / BatchVectors * BatchVectors / medians[1] * 1_000;
        var best = harvest / training * medians[1] / medians[0] * rounds[0].Min() / rounds[1].Min();
        var alone = passes * BatchContexts * length / medians[2] * 1_000;
        var flops = TransformerFlops.UpTo(options.Architecture, hookPoints.Max()) / length * harvest / 1e9;
        var gemm = TrainingSteps * productFlops / medians[3] / 1e6;
        Console.WriteLine(FormattableString.Invariant(
            $"| {string.Join(" → ", hookPoints)} | {training:F0} | {harvest:F0} | {harvest / training:F1} | {best:F1} | {alone:F0} | {flops:F1} | {gemm:F1} | {flops / gemm:P0} | {stream.BufferBytes / 1e6:F0} |"));
    }

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
