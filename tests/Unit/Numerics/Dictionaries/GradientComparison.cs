using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Dictionaries.Steps;
using Orchestrator.Numerics.Dictionaries.Training;
using Orchestrator.Numerics.Tensors;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Dictionaries;

/// <summary>
/// A parameter's gradient in a trainer's step beside that of automatic differentiation in float64. Tests ask of it that it
/// is small; the benchmark <c>accuracy</c> shows how small.
/// </summary>
/// <param name="Parameter">Its state key.</param>
/// <param name="RelativeError">‖expected − found‖ / ‖expected‖; where nothing was expected, what was found over the gradient of another batch.</param>
/// <param name="Cosine">Between the two; 1 where nothing was expected.</param>
internal sealed record GradientComparison(string Parameter, double RelativeError, double Cosine)
{
    /// <summary>Inputs and weights at which something is extreme, and ordinary ones.</summary>
    public static readonly string[] Points = ["random", "none-active", "all-active", "zero-input", "ties", "batch-of-one"];

    private const int Dim = 24;
    private const int Batch = 40;

    /// <param name="kind">One of <see cref="Probe.Kinds"/>.</param>
    /// <param name="path">How the step computes.</param>
    /// <param name="point">One of <see cref="Points"/>.</param>
    /// <param name="type">float32 or float64.</param>
    /// <param name="features">F.</param>
    /// <returns>All parameters, and the relative difference of the losses.</returns>
    public static (IReadOnlyList<GradientComparison> Parameters, double LossError) Of(
        string kind, GradientPath path, string point, ScalarType type, int features = 90)
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
        var dead = Array.ConvertAll(HostMemory.Longs(trainer.State.LastFired).ToArray(), last => last == 0);
        trainer.ReadMetrics();
        var penalty = definition.L1Coefficient ?? definition.L0Coefficient ?? 0;
        var (expected, loss) = AutogradLoss.Of(dictionary, x, target, penalty, dead);
        trainer.Step(x, target);
        var parameters = Moments(trainer).Select(entry => Compare(
            entry.Key, expected[entry.Key], (entry.Value - (first[entry.Key] * 0.9)) / (1 - 0.9), first[entry.Key].norm().item<double>()));
        return ([.. parameters], Math.Abs(loss - trainer.ReadMetrics().Loss) / Math.Abs(loss));
    }

    /// <param name="sizeBefore">What a gradient is measured by where none is expected.</param>
    public static GradientComparison Compare(string parameter, Tensor expected, Tensor found, double sizeBefore)
    {
        var size = expected.norm().item<double>();
        var foundSize = found.norm().item<double>();
        if (size == 0)
        {
            // What is left of the first step's moment after subtracting it again.
            return new GradientComparison(parameter, foundSize == 0 ? 0 : foundSize / sizeBefore, 1);
        }

        var cosine = (expected * found).sum().item<double>() / size / foundSize;
        return new GradientComparison(parameter, (expected - found).norm().item<double>() / size, cosine);
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
    public static Dictionary<string, Tensor> Moments(DictionaryTrainer trainer) => trainer.State.All
        .Where(entry => entry.Name.EndsWith(".first", StringComparison.Ordinal))
        .ToDictionary(entry => entry.Name["adam.".Length..^".first".Length], entry => entry.Tensor.to(ScalarType.Float64).clone());
}
