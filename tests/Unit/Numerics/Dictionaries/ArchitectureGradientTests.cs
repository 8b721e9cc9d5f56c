using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Dictionaries.Steps;
using Orchestrator.Numerics.Dictionaries.Training;
using Orchestrator.Numerics.Tensors;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Dictionaries;

/// <summary>The hand-derived gradients of every architecture, on every path, against automatic differentiation.</summary>
public sealed class ArchitectureGradientTests
{
    private const int Dim = 24;
    private const int Features = 90;
    private const int Batch = 40;
    private static readonly string[] Points = ["random", "none-active", "all-active", "zero-input", "ties", "batch-of-one"];

    public static TheoryData<string, GradientPath, string> Cases()
    {
        var cases = new TheoryData<string, GradientPath, string>();
        foreach (var kind in Probe.Kinds)
            foreach (var path in new[] { GradientPath.Dense, GradientPath.Sparse, GradientPath.DenseTensors, GradientPath.SparseTensors })
                foreach (var point in Points) cases.Add(kind, path, point);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Step_HasTheGradientsOfAutograd(string kind, GradientPath path, string point) =>
        Compare(kind, path, point, ScalarType.Float32, 0.99999, 1e-4);

    [Theory]
    [MemberData(nameof(Cases))]
    public void StepInDoubles_HasTheGradientsOfAutograd(string kind, GradientPath path, string point) =>
        Compare(kind, path, point, ScalarType.Float64, 1 - 1e-12, 1e-9);

    [Theory]
    [InlineData("top-k")]
    [InlineData("batch-top-k")]
    [InlineData("matryoshka")]
    [InlineData("standard")]
    [InlineData("gated")]
    public void Step_OverSeveralBlocksOfFeatures_HasTheGradientsOfAutograd(string kind)
    {
        foreach (var path in new[] { GradientPath.Sparse, GradientPath.Dense })
            Compare(kind, path, "random", ScalarType.Float64, 1 - 1e-12, 1e-9, features: 2_300);
    }

    private static void Compare(string kind, GradientPath path, string point, ScalarType type, double cosine, double error, int features = Features)
    {
        using var scope = NewDisposeScope();
        // Nothing moves, so that the second step, at which features may be dead, has the weights of the first.
        var definition = Probe.Of(kind, features, Batch, steps: 2) with { LearningRate = 0 };
        using var dictionary = Arranged(definition.WithDefaults(), point, type);
        using var trainer = new DictionaryTrainer(dictionary, path);
        var (x, target) = Inputs(dictionary, point, seed: 5);
        var (before, beforeTarget) = Inputs(dictionary, "random", seed: 50);
        trainer.Step(before.narrow(0, 0, 2), beforeTarget.narrow(0, 0, 2));
        var first = Moments(trainer);
        var dead = Array.ConvertAll(HostMemory.Longs(trainer.State.LastFired).ToArray(), last => 1 - last >= 1);
        trainer.ReadMetrics();
        var penalty = definition.L1Coefficient ?? definition.L0Coefficient ?? 0;
        var (expected, loss) = AutogradLoss.Of(dictionary, x, target, penalty, dead);
        trainer.Step(x, target);
        foreach (var (name, moment) in Moments(trainer))
            RequireClose(name, expected[name], (moment - (first[name] * 0.9)) / (1 - 0.9), cosine, error, first[name].norm().item<double>());
        Assert.Equal(loss, trainer.ReadMetrics().Loss, Math.Abs(loss) * 1e-4);
    }

    private static SparseDictionary Arranged(DictionaryDefinition definition, string point, ScalarType type)
    {
        var dictionary = new SparseDictionary(definition, Probe.Site(definition, Dim), CPU, type);
        using var noGradient = no_grad();
        var decoder = Probe.Gaussian(2, definition.FeatureCount, dictionary.OutputDim);
        dictionary.DecoderWeight.copy_(decoder / decoder.norm(1, keepdim: true));
        dictionary.DecoderWeight.div_(dictionary.DecoderWeight.norm(1, keepdim: true));
        dictionary.EncoderWeight.copy_(Probe.Gaussian(1, definition.FeatureCount, Dim).mul_(0.2));
        dictionary.DecoderBias.copy_(Probe.Gaussian(4, dictionary.OutputDim).mul_(0.3));
        dictionary.SkipWeight?.copy_(Probe.Gaussian(6, dictionary.OutputDim, Dim).mul_(0.1));
        foreach (var (name, seed) in dictionary.VectorNames.Zip(new ulong[] { 3, 8, 9 }))
        {
            var values = Probe.Gaussian(seed, definition.FeatureCount).mul_(0.1);
            dictionary.Vector(name).copy_(name == "threshold" ? values.abs().add_(0.3) : values.add_(0.05));
        }

        if (point == "ties")
        {
            // Whole numbers, so that every product is exact and many pre-activations are equal.
            dictionary.EncoderWeight.copy_(Probe.Gaussian(1, definition.FeatureCount, Dim).round_());
            dictionary.DecoderBias.zero_();
            dictionary.EncoderBias.zero_();
        }

        if (point is "none-active" or "all-active") dictionary.EncoderBias.fill_(point == "none-active" ? -100 : 100);
        return dictionary;
    }

    private static (Tensor X, Tensor Target) Inputs(SparseDictionary dictionary, string point, ulong seed)
    {
        var batch = point == "batch-of-one" ? 1 : Batch;
        var x = (point == "zero-input" ? zeros(batch, Dim) : Probe.Gaussian(seed, batch, Dim)).to(dictionary.Type);
        if (point == "ties") x.round_();
        return dictionary.Architecture.HasTarget ? (x, Probe.Gaussian(seed + 1, batch, dictionary.OutputDim).to(dictionary.Type)) : (x, x);
    }

    /// <summary>Adam's first moments, by parameter, copied.</summary>
    private static Dictionary<string, Tensor> Moments(DictionaryTrainer trainer) => trainer.State.All
        .Where(entry => entry.Name.EndsWith(".first", StringComparison.Ordinal))
        .ToDictionary(entry => entry.Name["adam.".Length..^".first".Length], entry => entry.Tensor.to(ScalarType.Float64).clone());

    private static void RequireClose(string name, Tensor expected, Tensor actual, double cosine, double error, double sizeBefore)
    {
        var size = expected.norm().item<double>();
        if (size == 0)
        {
            // What is left of the first step's moment after subtracting it again.
            Assert.True(actual.norm().item<double>() <= error * sizeBefore, $"{name}: expected no gradient, found {actual.norm().item<double>()}");
            return;
        }

        var difference = (expected - actual).norm().item<double>() / size;
        Assert.True(difference < error, $"{name}: relative error {difference}");
        var alike = (expected * actual).sum().item<double>() / size / actual.norm().item<double>();
        Assert.True(alike > cosine, $"{name}: cosine {alike}");
    }
}
