using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Formats;
using Orchestrator.Numerics.Tensors;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Dictionaries;

/// <summary>What tests need to set up a dictionary and to look into its trainer.</summary>
internal static class Probe
{
    public static DictionaryDefinition Definition(int features, int batch, int steps, double l1 = 0.01) => new()
    {
        FeatureCount = features,
        BatchSize = batch,
        Tokens = (long)batch * steps,
        Seed = 7,
        L1Coefficient = l1,
        LearningRate = 1e-3,
        Resampling = new() { EverySteps = 0 },
    };

    /// <summary>A dictionary whose biases are not 0.</summary>
    public static SparseDictionary Dictionary(DictionaryDefinition definition, int dim, float encoderBias = 0.05f)
    {
        var dictionary = new SparseDictionary(definition, dim, "test");
        using var scope = NewDisposeScope();
        dictionary.EncoderBias.copy_(Gaussian(3, definition.FeatureCount).mul_(0.1).add_(encoderBias));
        dictionary.DecoderBias.copy_(Gaussian(4, dim).mul_(0.3));
        return dictionary;
    }

    /// <summary>Standard normal numbers; the caller disposes.</summary>
    public static Tensor Gaussian(ulong seed, params long[] shape)
    {
        var values = new float[shape.Aggregate(1L, (a, b) => a * b)];
        new SeededRandom(seed).FillGaussian(values, 1);
        return HostMemory.ToTensor(values, shape, CPU);
    }

    /// <summary>The four weights as they are now: encoder, decoder [F, D], encoder bias, decoder bias.</summary>
    public static float[][] Weights(SparseDictionary dictionary) =>
    [
        HostMemory.ToSingles(dictionary.EncoderWeight), HostMemory.ToSingles(dictionary.DecoderWeight),
        HostMemory.ToSingles(dictionary.EncoderBias), HostMemory.ToSingles(dictionary.DecoderBias),
    ];

    /// <summary>
    /// Gradients of the first step: Adam's first moments, begun at 0, hold a tenth of them. Decoder gradients without
    /// their component along the row. In the order of <see cref="Weights"/>.
    /// </summary>
    public static float[][] FirstGradients(DictionaryTrainer trainer)
    {
        var state = CheckpointTensors(trainer);
        return Array.ConvertAll(
            ["adam.W_enc.first", "adam.W_dec.first", "adam.b_enc.first", "adam.b_dec.first"],
            (string name) => Array.ConvertAll(state[name], value => value / (1 - 0.9f)));
    }

    /// <summary>Every float tensor of a checkpoint of the trainer.</summary>
    public static Dictionary<string, float[]> CheckpointTensors(DictionaryTrainer trainer)
    {
        using var folder = new TemporaryFolder();
        trainer.SaveCheckpoint(folder.Path);
        var tensors = new Dictionary<string, float[]>();
        foreach (var path in Directory.GetFiles(folder.Path, "*.safetensors"))
        {
            using var file = SafetensorsFile.Open(path);
            foreach (var (name, entry) in file.Entries)
            {
                tensors[name] = entry.Type == SafetensorsType.I64
                    ? Array.ConvertAll(file.ReadInt64(name), value => (float)value)
                    : file.ReadSingle(name);
            }
        }

        return tensors;
    }
}
