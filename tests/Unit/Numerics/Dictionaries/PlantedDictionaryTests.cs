using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Dictionaries.Training;
using Orchestrator.Numerics.Tensors;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Dictionaries;

public sealed class PlantedDictionaryTests
{
    private const int Dim = 64;
    private const int Planted = 256;
    private const int ActivePerToken = 4;
    private const int Batch = 512;
    private const int Steps = 1_500;

    /// <summary>Four times as many directions as dimensions, sparsely mixed, are found again.</summary>
    [Fact]
    public void Training_RecoversAPlantedDictionary()
    {
        var truth = Directions();
        var definition = Probe.Definition(Planted * 2, Batch, Steps, l1: 0.01) with
        {
            LearningRate = 3e-3,
            WarmupSteps = 50,
            DecayFraction = 0.3,
            Resampling = new() { EverySteps = 300, DeadAfterSteps = 150, Times = 3, Candidates = 2_048 },
        };
        using var dictionary = new SparseDictionary(definition, Dim, "planted");
        using var trainer = new DictionaryTrainer(dictionary);
        var random = new SeededRandom(1);
        using (var sample = Mixtures(truth, 1_000, random)) trainer.Initialise(sample);
        for (var step = 0; step < Steps; step++)
        {
            using var x = Mixtures(truth, Batch, random);
            trainer.Step(x);
            if (!trainer.WantsResampling) continue;
            using var candidates = Mixtures(truth, 2_048, random);
            trainer.Resample(candidates);
        }

        Assert.True(MeanMaxCosine(truth, dictionary) > 0.95, $"mean max cosine {MeanMaxCosine(truth, dictionary):F3}");
    }

    private static float[][] Directions()
    {
        var random = new SeededRandom(9);
        var directions = new float[Planted][];
        for (var i = 0; i < Planted; i++)
        {
            directions[i] = new float[Dim];
            random.FillGaussian(directions[i], 1);
            var norm = (float)Math.Sqrt(directions[i].Sum(value => (double)value * value));
            for (var d = 0; d < Dim; d++) directions[i][d] /= norm;
        }

        return directions;
    }

    private static Tensor Mixtures(float[][] directions, int count, SeededRandom random)
    {
        var values = new float[count * Dim];
        for (var row = 0; row < count; row++)
        {
            for (var k = 0; k < ActivePerToken; k++)
            {
                var strength = (float)(0.5 + random.NextDouble());
                var direction = directions[random.NextInt(Planted)];
                for (var d = 0; d < Dim; d++) values[(row * Dim) + d] += strength * direction[d];
            }
        }

        return HostMemory.ToTensor(values, [count, Dim], CPU);
    }

    private static double MeanMaxCosine(float[][] truth, SparseDictionary dictionary)
    {
        using var scope = NewDisposeScope();
        var planted = HostMemory.ToTensor(truth.SelectMany(row => row).ToArray(), [Planted, Dim], CPU);
        var cosines = planted.mm(dictionary.DecoderWeight.t());
        return cosines.max(1).values.mean().item<float>();
    }
}
