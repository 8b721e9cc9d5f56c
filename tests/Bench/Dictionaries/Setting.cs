using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Dictionaries.Steps;
using Orchestrator.Numerics.Dictionaries.Training;
using static TorchSharp.torch;

namespace Orchestrator.Bench.Dictionaries;

/// <summary>A fresh dictionary and a batch, with an encoder bias at which the wanted number of features is active.</summary>
internal sealed class Setting : IDisposable
{
    // So small that L0 stays where it was put; a step does the same work at any rate.
    private const double LearningRate = 1e-7;

    /// <summary>Few enough that sorting them does not show in the memory of what is measured.</summary>
    private const int SampledPairs = 1 << 18;

    private Setting(SparseDictionary dictionary, Tensor x) => (Dictionary, X) = (dictionary, x);

    public SparseDictionary Dictionary { get; }

    /// <summary>[B, D].</summary>
    public Tensor X { get; }

    /// <summary>On standard normal vectors.</summary>
    public static Setting Create(BenchOptions options, int features, double l0)
    {
        manual_seed(1);
        return Create(new Member(features), randn(options.Batch, options.Dim), l0);
    }

    /// <param name="member">Which dictionary.</param>
    /// <param name="x">[B, D], from then on the setting's.</param>
    /// <param name="l0">Active features per token to arrange.</param>
    public static Setting Create(Member member, Tensor x, double l0)
    {
        using var scope = NewDisposeScope();
        var (batch, dim) = ((int)x.shape[0], (int)x.shape[1]);
        var definition = new DictionaryDefinition
        {
            FeatureCount = member.Features,
            BatchSize = batch,
            Tokens = batch * 1_000_000L,
            Seed = member.Seed,
            L1Coefficient = member.L1Coefficient,
            LearningRate = LearningRate,
        };
        var dictionary = new SparseDictionary(definition.WithDefaults(), new DictionarySite("bench", dim));
        var sample = x.narrow(0, 0, Math.Min(Math.Max(16, SampledPairs / member.Features), batch)).mm(dictionary.EncoderWeight.t()).flatten();   // [tokens F]
        var rank = (long)(sample.numel() * (1 - (l0 / member.Features)));
        dictionary.EncoderBias.fill_(-sample.kthvalue(Math.Clamp(rank, 1, sample.numel()), 0).values.item<float>());
        return new Setting(dictionary, x.DetachFromDisposeScope());
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
}
