using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Dictionaries.Training;
using Orchestrator.Numerics.Formats;
using Orchestrator.Numerics.Tensors;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Dictionaries;

/// <summary>What tests need to set up a dictionary and to look into its trainer.</summary>
internal static class Probe
{
    /// <summary>Every architecture, a transcoder in its forms.</summary>
    public static readonly string[] Kinds =
        ["standard", "top-k", "batch-top-k", "jump-relu", "gated", "matryoshka", "transcoder", "transcoder+k", "transcoder+skip", "transcoder+thresholds", "standard-no-pre-bias"];

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

    /// <summary>One of <see cref="Kinds"/>, with options at which every part of it matters on standard normal inputs.</summary>
    public static DictionaryDefinition Of(string kind, int features, int batch, int steps)
    {
        var parts = kind.Split('+');
        var definition = Definition(features, batch, steps) with { Architecture = parts[0], L1Coefficient = null };
        var auxK = new AuxKDefinition { Features = 4, Coefficient = 0.25, DeadAfterTokens = 1 };
        return kind switch
        {
            "top-k" or "batch-top-k" => definition with { K = 6, AuxK = auxK },
            "matryoshka" => definition with { K = 6, AuxK = auxK, GroupFractions = [0.1, 0.4, 1] },
            "jump-relu" => definition with { L0Coefficient = 0.02, Bandwidth = 0.5 },
            "transcoder+k" => definition with { K = 6, AuxK = auxK, Skip = true },
            "transcoder+skip" => definition with { L1Coefficient = 0.01, Skip = true },
            "transcoder+thresholds" => definition with { HasThresholds = true, L0Coefficient = 0.02, Bandwidth = 0.5 },
            "standard-no-pre-bias" => definition with { Architecture = "standard", L1Coefficient = 0.01, PreBias = false },
            _ => definition with { L1Coefficient = 0.01 },
        };
    }

    /// <summary>Where a dictionary of that definition stands: a transcoder writes another width than it reads.</summary>
    public static DictionarySite Site(DictionaryDefinition definition, int dim) =>
        definition.Architecture == DictionaryArchitecture.Transcoder ? new("in", dim, "out", dim + 5) : new("test", dim);

    /// <summary>A <c>standard</c> dictionary whose biases are not 0.</summary>
    public static SparseDictionary Dictionary(DictionaryDefinition definition, int dim, float encoderBias = 0.05f)
    {
        var dictionary = new SparseDictionary(definition, Site(definition, dim));
        using var scope = NewDisposeScope();
        dictionary.EncoderBias.copy_(Gaussian(3, definition.FeatureCount).mul_(0.1).add_(encoderBias));
        dictionary.DecoderBias.copy_(Gaussian(4, dictionary.OutputDim).mul_(0.3));
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

    /// <summary>Every tensor of a checkpoint of the trainer.</summary>
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
                tensors[name] = entry.Type switch
                {
                    SafetensorsType.I64 => Array.ConvertAll(file.ReadInt64(name), value => (float)value),
                    SafetensorsType.F64 => Array.ConvertAll(file.ReadDouble(name), value => (float)value),
                    _ => file.ReadSingle(name),
                };
            }
        }

        return tensors;
    }
}
