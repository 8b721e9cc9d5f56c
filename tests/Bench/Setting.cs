using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Dictionaries.Steps;
using Orchestrator.Numerics.Dictionaries.Training;
using static TorchSharp.torch;

namespace Orchestrator.Bench;

/// <summary>A fresh dictionary and a batch, with an encoder bias at which the wanted number of features is active.</summary>
internal sealed class Setting : IDisposable
{
    // So small that L0 stays where it was put; a step does the same work at any rate.
    private const double LearningRate = 1e-7;

    private Setting(SparseDictionary dictionary, Tensor x) => (Dictionary, X) = (dictionary, x);

    public SparseDictionary Dictionary { get; }

    /// <summary>[B, D].</summary>
    public Tensor X { get; }

    public static Setting Create(BenchOptions options, int features, double l0)
    {
        var dictionary = new SparseDictionary(Definition(options, features), options.Dim, "bench");
        manual_seed(1);
        var x = randn(options.Batch, options.Dim);
        using var scope = NewDisposeScope();
        var sample = x.narrow(0, 0, Math.Min(256, options.Batch)).mm(dictionary.EncoderWeight.t()).flatten();   // [256 F]
        var rank = (long)(sample.numel() * (1 - (l0 / features)));
        dictionary.EncoderBias.fill_(-sample.kthvalue(Math.Clamp(rank, 1, sample.numel()), 0).values.item<float>());
        return new Setting(dictionary, x);
    }

    public DictionaryTrainer Trainer(GradientPath path) => new(Dictionary, path);

    public AutogradStep Baseline() => new(
        Dictionary.EncoderWeight, Dictionary.DecoderWeight, Dictionary.EncoderBias, Dictionary.DecoderBias,
        Dictionary.Definition.L1Coefficient!.Value, LearningRate);

    public void Dispose()
    {
        Dictionary.Dispose();
        X.Dispose();
    }

    private static DictionaryDefinition Definition(BenchOptions options, int features) => new()
    {
        FeatureCount = features,
        BatchSize = options.Batch,
        Tokens = options.Batch * 1_000_000L,
        Seed = 1,
        LearningRate = LearningRate,
    };
}
