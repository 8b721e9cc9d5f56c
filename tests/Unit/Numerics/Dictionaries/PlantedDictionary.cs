using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Dictionaries.Training;
using Orchestrator.Numerics.Tensors;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Dictionaries;

/// <summary>
/// A known sparse truth: each vector mixes a few of 256 directions in 64 dimensions. Tests ask that training finds the
/// directions; the benchmark <c>accuracy</c> shows how well.
/// </summary>
internal static class PlantedDictionary
{
    private const int Dim = 64;
    private const int Planted = 256;
    private const int ActivePerToken = 4;
    private const int BatchSize = 512;
    private const int Steps = 1_500;

    /// <summary>Trains a dictionary of twice as many features.</summary>
    /// <returns>Over the planted directions, the mean of the largest cosine with any feature; and the last steps' metrics.</returns>
    public static (double MeanMaxCosine, TrainingMetrics Metrics) Recover(string architecture, MatrixPrecision precision = MatrixPrecision.Float32)
    {
        var hasTarget = architecture == DictionaryArchitecture.Transcoder;
        var written = Directions(hasTarget ? 10UL : 9UL);
        using var dictionary = new SparseDictionary(Definition(architecture) with { Precision = precision }, hasTarget ? new("in", Dim, "out", Dim) : new("planted", Dim));
        using var trainer = new DictionaryTrainer(dictionary);
        var mixtures = new Mixtures(Directions(9), written);
        using (var sample = mixtures.Next(1_000)) trainer.Initialise(sample.Targets);
        for (var step = 0; step < Steps; step++)
        {
            if (step == Steps - 100) trainer.ReadMetrics();
            using var batch = mixtures.Next(BatchSize);
            trainer.Step(batch.Inputs, batch.Targets);
            if (!trainer.WantsResampling) continue;
            using var candidates = mixtures.Next(2_048);
            trainer.Resample(candidates.Inputs, candidates.Targets);
        }

        return (MeanMaxCosine(written, dictionary), trainer.ReadMetrics());
    }

    private static DictionaryDefinition Definition(string architecture)
    {
        var definition = Probe.Definition(Planted * 2, BatchSize, Steps) with
        {
            Architecture = architecture,
            L1Coefficient = null,
            LearningRate = 3e-3,
            WarmupSteps = 50,
            DecayFraction = 0.3,
            Resampling = new() { EverySteps = 300, DeadAfterSteps = 150, Times = 3, Candidates = 2_048 },
        };
        var auxK = new AuxKDefinition { DeadAfterTokens = 50 * BatchSize };
        return architecture switch
        {
            "top-k" or "batch-top-k" => definition with { K = ActivePerToken, AuxK = auxK },
            "matryoshka" => definition with { K = ActivePerToken, AuxK = auxK, GroupFractions = [0.5, 1] },
            "jump-relu" => definition with { L0Coefficient = 2e-3, Bandwidth = 0.2 },
            "gated" => definition with { L1Coefficient = 0.02 },
            "transcoder" => definition with { L1Coefficient = 0.01, L1WarmupSteps = 300 },
            _ => definition with { L1Coefficient = 0.01 },
        };
    }

    private static float[][] Directions(ulong seed)
    {
        var random = new SeededRandom(seed);
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

    private static double MeanMaxCosine(float[][] truth, SparseDictionary dictionary)
    {
        using var scope = NewDisposeScope();
        var planted = HostMemory.ToTensor(truth.SelectMany(row => row).ToArray(), [Planted, Dim], CPU);
        var cosines = planted.mm(dictionary.DecoderWeight.t());
        return cosines.max(1).values.mean().item<float>();
    }

    /// <summary>Sparse mixtures of the directions that are read, and the same mixtures of those that are to be written.</summary>
    private sealed class Mixtures(float[][] read, float[][] written)
    {
        private readonly SeededRandom _random = new(1);

        public Batch Next(int count)
        {
            var (inputs, targets) = (new float[count * Dim], new float[count * Dim]);
            for (var row = 0; row < count; row++)
            {
                for (var k = 0; k < ActivePerToken; k++)
                {
                    var strength = (float)(0.5 + _random.NextDouble());
                    var which = _random.NextInt(Planted);
                    for (var d = 0; d < Dim; d++)
                    {
                        inputs[(row * Dim) + d] += strength * read[which][d];
                        targets[(row * Dim) + d] += strength * written[which][d];
                    }
                }
            }

            return new Batch(HostMemory.ToTensor(inputs, [count, Dim], CPU), HostMemory.ToTensor(targets, [count, Dim], CPU));
        }
    }

    private sealed record Batch(Tensor Inputs, Tensor Targets) : IDisposable
    {
        public void Dispose()
        {
            Inputs.Dispose();
            Targets.Dispose();
        }
    }
}
