using Orchestrator.Abstractions.Stages;
using Orchestrator.Bench.Reporting;
using Orchestrator.Numerics.Transformers;
using static TorchSharp.torch;

namespace Orchestrator.Bench.Transformers;

/// <summary>Training a transformer against the same model in modules, and against what the machine's matrix product gives.</summary>
internal sealed class TransformerBench : IBenchmark
{
    /// <summary>Tokens that each contestant trains on in a round, at least one step.</summary>
    private const int TokensARound = 8_192;

    public string Name => "transformer";

    public string Summary => "training a transformer, and the same model in modules";

    public Report Run(BenchOptions options)
    {
        var table = new Table(
            "contexts", "modules, tokens/s", "PyTorch, tokens/s", "this, tokens/s", "this / modules", "this / PyTorch", "this, GFLOP/s", "GEMM, GFLOP/s", "share of GEMM");
        var targets = new List<TargetFigure>();
        var pyTorch = "";
        foreach (var contexts in options.Contexts)
        {
            var found = Measure(options, contexts);
            pyTorch = found.PyTorchVersion ?? pyTorch;
            table.Add(
                contexts, found.Modules, found.PyTorch, found.Own, found.Own / found.Modules, found.Own / found.PyTorch, found.Gigaflops, found.GemmGigaflops,
                FormattableString.Invariant($"{found.Gigaflops / found.GemmGigaflops:P0}"));
            targets.Add(TargetFigure.AtLeast($"transformer, batches of {contexts} contexts: this / the same model in modules on the same libtorch", 1, found.Own / found.Modules, "×"));
            if (double.IsFinite(found.PyTorch))
                targets.Add(TargetFigure.AtLeast($"transformer, batches of {contexts} contexts: this / {found.PyTorchVersion}", 1, found.Own / found.PyTorch, "×"));
        }

        return new Report("Training a transformer", options.ModelSetting, table, targets, $"""
            Modules: the model as nanoGPT writes it (fused attention, one product for queries, keys and values, cross-entropy over all
            logits, clipping, AdamW), of TorchSharp's modules on the same libtorch, with the same weights and a check that both have
            the same loss. PyTorch: the same in Python{(pyTorch.Length > 0 ? $", {pyTorch}" : "; not measured here (`--python FILE` names one)")}.
            GFLOP/s count matrix products only; GEMM is the largest of them alone, all positions through the unembedding.
            """);
    }

    /// <summary>A trainer that never ends.</summary>
    public static TransformerTrainer Trainer(Transformer transformer, RandomTokens tokens, int contexts) =>
        new(transformer, Training(contexts), tokens, seed: 1);

    /// <summary>The largest product of a step: all positions of a batch through the unembedding.</summary>
    /// <returns>What runs it once, and its floating-point operations.</returns>
    public static (Action Run, double Flops) LargestProduct(BenchOptions options, int contexts)
    {
        var (rows, d, v) = ((long)contexts * options.Model.ContextLength, options.Model.ModelDim, options.VocabularySize);
        var (x, weight, product) = (randn(rows, d), randn(d, v), empty(rows, v));
        return (() => product.addmm_(x, weight, beta: 0, alpha: 1), 2.0 * rows * d * v);
    }

    private static Found Measure(BenchOptions options, int contexts)
    {
        using var scope = NewDisposeScope();
        var tokens = new RandomTokens(options.VocabularySize);
        using var transformer = new Transformer(options.Model, options.VocabularySize, CPU, seed: 1);
        using var modules = new AutogradTransformer(transformer, Training(contexts), tokens);
        using var trainer = Trainer(transformer, tokens, contexts);
        using var python = options.Python is { } interpreter ? PyTorchTransformer.Start(interpreter, options, contexts) : null;
        RequireSameModel(transformer, modules, tokens);

        var (product, productFlops) = LargestProduct(options, contexts);
        var tokensAStep = contexts * options.Model.ContextLength;
        var steps = Math.Max(1, TokensARound / tokensAStep);
        var medians = Timing.Medians(
            options.Rounds,
            () => Repeat(steps, modules.Step),
            () => Repeat(steps, () => trainer.Step()),
            () => Repeat(steps, product),
            () => python?.Steps(steps));
        double Rate(double milliseconds) => steps * tokensAStep / milliseconds * 1_000;
        var flops = TransformerFlops.Training(options.Model, options.VocabularySize) / options.Model.ContextLength * Rate(medians[1]) / 1e9;
        return new Found(
            Rate(medians[0]), Rate(medians[1]), python is null ? double.NaN : Rate(medians[3]), python?.Version, flops, steps * productFlops / medians[2] / 1e6);
    }

    private static TransformerTrainingDefinition Training(int contexts) => new() { Tokens = 1L << 40, BatchContexts = contexts };

    /// <summary>A race between different models would say nothing.</summary>
    private static void RequireSameModel(Transformer transformer, AutogradTransformer modules, RandomTokens tokens)
    {
        var window = new int[transformer.Definition.ContextLength + 1];
        tokens.Read(0, window);
        var windows = tensor(Array.ConvertAll(window, token => (long)token)).unsqueeze(0);
        var logits = transformer.Logits(windows.narrow(1, 0, window.Length - 1))[0];
        var expected = nn.functional.cross_entropy(logits, windows[0].narrow(0, 1, window.Length - 1)).item<float>();
        var found = modules.LossOf(windows).item<float>();
        if (Math.Abs(expected - found) > 1e-4) throw new InvalidOperationException($"The contestants' losses differ: {expected} and {found}.");
    }

    private static void Repeat(int count, Action action)
    {
        for (var i = 0; i < count; i++) action();
    }

    /// <summary>Tokens a second of each contestant, NaN where it did not run.</summary>
    private sealed record Found(double Modules, double Own, double PyTorch, string? PyTorchVersion, double Gigaflops, double GemmGigaflops);
}
