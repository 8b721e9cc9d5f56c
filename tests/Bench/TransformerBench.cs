using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Transformers;
using static TorchSharp.torch;

namespace Orchestrator.Bench;

/// <summary>Training a transformer against the same model in modules, and against what the machine's matrix product gives.</summary>
internal static class TransformerBench
{
    /// <summary>Tokens that each contestant trains on in a round, at least one step.</summary>
    private const int TokensARound = 8_192;

    public static int Run(ModelBenchOptions options)
    {
        var model = options.Architecture;
        Timing.PrintMachine($"layers {model.Layers}, d_model {model.ModelDim}, d_mlp {model.MlpDim}, heads {model.Heads}, context {model.ContextLength}, vocabulary {options.VocabularySize}; both contestants on this libtorch", options.Rounds);
        Console.WriteLine("| contexts | modules, tokens/s | this, tokens/s | this / modules | of the best rounds | this, GFLOP/s | GEMM, GFLOP/s | share of GEMM |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (var contexts in options.Contexts) Measure(options, contexts);
        return 0;
    }

    /// <summary>A trainer that never ends.</summary>
    public static TransformerTrainer Trainer(Transformer transformer, RandomTokens tokens, int contexts) =>
        new(transformer, Training(contexts), tokens, seed: 1);

    /// <summary>The largest product of a step: all positions of a batch through the unembedding.</summary>
    /// <returns>What runs it once, and its floating-point operations.</returns>
    public static (Action Run, double Flops) LargestProduct(ModelBenchOptions options, int contexts)
    {
        var (rows, d, v) = ((long)contexts * options.Architecture.ContextLength, options.Architecture.ModelDim, options.VocabularySize);
        var (x, weight, product) = (randn(rows, d), randn(d, v), empty(rows, v));
        return (() => product.addmm_(x, weight, beta: 0, alpha: 1), 2.0 * rows * d * v);
    }

    private static void Measure(ModelBenchOptions options, int contexts)
    {
        using var scope = NewDisposeScope();
        var tokens = new RandomTokens(options.VocabularySize);
        using var transformer = new Transformer(options.Architecture, options.VocabularySize, CPU, seed: 1);
        using var modules = new AutogradTransformer(transformer, Training(contexts), tokens);
        using var trainer = Trainer(transformer, tokens, contexts);
        RequireSameModel(transformer, modules, tokens);

        var (product, productFlops) = LargestProduct(options, contexts);
        var tokensAStep = contexts * options.Architecture.ContextLength;
        var steps = Math.Max(1, TokensARound / tokensAStep);
        var rounds = Timing.Rounds(
            options.Rounds,
            () => Repeat(steps, modules.Step),
            () => Repeat(steps, () => trainer.Step()),
            () => Repeat(steps, product));
        var medians = Array.ConvertAll(rounds, Timing.Median);
        var rates = Array.ConvertAll(medians, milliseconds => steps * tokensAStep / milliseconds * 1_000);
        var flops = TransformerFlops.Training(options.Architecture, options.VocabularySize) / options.Architecture.ContextLength * rates[1] / 1e9;
        var gemm = steps * productFlops / medians[2] / 1e6;
        Console.WriteLine(FormattableString.Invariant(
            $"| {contexts} | {rates[0]:F0} | {rates[1]:F0} | {rates[1] / rates[0]:F2} | {rounds[0].Min() / rounds[1].Min():F2} | {flops:F1} | {gemm:F1} | {flops / gemm:P0} |"));
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
}
