using System.Text.Json;
using Orchestrator.Abstractions.Results;
using Orchestrator.Numerics.Formats;
using Orchestrator.Numerics.Tensors;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries;

/// <summary>
/// The folder of a dictionary: weights under the literature's names and in SAELens' shapes, and what they mean.
/// </summary>
internal static class DictionaryFiles
{
    public const string WeightsFile = "sae.safetensors";
    public const string ConfigFile = "config.json";

    public static void Save(SparseDictionary dictionary, string folder)
    {
        Directory.CreateDirectory(folder);
        using var scope = NewDisposeScope();
        var writer = new SafetensorsWriter();
        writer.Add("W_enc", dictionary.EncoderWeight.t());   // [D, F]
        writer.Add("W_dec", dictionary.DecoderWeight);       // [F, D]
        writer.Add("b_enc", dictionary.EncoderBias);         // [F]
        writer.Add("b_dec", dictionary.DecoderBias);         // [D]
        writer.Metadata["architecture"] = dictionary.Definition.Architecture;
        writer.Metadata["loss_convention"] = SparseDictionary.LossConvention;
        writer.Write(Path.Combine(folder, WeightsFile));
        ResultJson.Write(Path.Combine(folder, ConfigFile), new DictionaryConfig
        {
            Definition = dictionary.Definition,
            ActivationDim = dictionary.ActivationDim,
            HookPoint = dictionary.HookPoint,
            LossConvention = SparseDictionary.LossConvention,
        });
    }

    /// <exception cref="InvalidDataException">A file is missing or does not fit.</exception>
    public static SparseDictionary Load(string folder, Device device)
    {
        var config = ReadConfig(Path.Combine(folder, ConfigFile));
        var weights = Path.Combine(folder, WeightsFile);
        if (!File.Exists(weights)) throw new InvalidDataException($"{weights} is missing: the folder is not a whole dictionary.");
        using var file = SafetensorsFile.Open(weights);
        int features = config.Definition.FeatureCount, dim = config.ActivationDim;
        file.Require("W_enc", dim, features);
        file.Require("W_dec", features, dim);
        file.Require("b_enc", features);
        file.Require("b_dec", dim);
        using var scope = NewDisposeScope();
        var dictionary = new SparseDictionary(config, device);
        dictionary.EncoderWeight.copy_(HostMemory.ToTensor(file.ReadSingle("W_enc"), [dim, features], CPU).t());
        dictionary.DecoderWeight.copy_(HostMemory.ToTensor(file.ReadSingle("W_dec"), [features, dim], CPU));
        dictionary.EncoderBias.copy_(HostMemory.ToTensor(file.ReadSingle("b_enc"), [features], CPU));
        dictionary.DecoderBias.copy_(HostMemory.ToTensor(file.ReadSingle("b_dec"), [dim], CPU));
        return dictionary;
    }

    private static DictionaryConfig ReadConfig(string path)
    {
        if (!File.Exists(path)) throw new InvalidDataException($"{path} is missing: the folder is not a dictionary.");
        DictionaryConfig config;
        try
        {
            config = ResultJson.Read<DictionaryConfig>(path);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path} is not the configuration of a dictionary: {error.Message}", error);
        }

        if (config.FormatVersion != 1)
            throw new InvalidDataException($"{path} has format version {config.FormatVersion}; this program reads 1.");
        if (config.Definition.Architecture != SparseDictionary.StandardArchitecture)
            throw new InvalidDataException($"{path} has architecture '{config.Definition.Architecture}'; known: {SparseDictionary.StandardArchitecture}.");
        if (config.LossConvention != SparseDictionary.LossConvention)
            throw new InvalidDataException($"{path} has loss convention '{config.LossConvention}'; known: {SparseDictionary.LossConvention}.");
        if (config.ActivationDim < 1 || config.Definition.FeatureCount < 1)
            throw new InvalidDataException($"{path} has {config.ActivationDim} dimensions and {config.Definition.FeatureCount} features.");
        return config;
    }
}
