using System.Text.Json;
using Orchestrator.Abstractions.Results;
using Orchestrator.Numerics.Formats;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries;

/// <summary>
/// The folder of a dictionary: weights under the literature's names and in SAELens' shapes, and what they mean.
/// </summary>
internal static class DictionaryFiles
{
    public const string WeightsFile = "sae.safetensors";
    public const string ConfigFile = "config.json";

    private const string ThresholdName = "topk_threshold";

    public static void Save(SparseDictionary dictionary, string folder)
    {
        Directory.CreateDirectory(folder);
        using var scope = NewDisposeScope();
        var writer = new SafetensorsWriter();
        writer.Add("W_enc", dictionary.EncoderWeight.t());   // [D, F]
        writer.Add("W_dec", dictionary.DecoderWeight);       // [F, D_out]
        writer.Add("b_dec", dictionary.DecoderBias);         // [D_out]
        foreach (var name in dictionary.VectorNames) writer.Add(name, dictionary.Vector(name));   // [F]
        if (dictionary.SkipWeight is { } skip) writer.Add("W_skip", skip);                        // [D_out, D]
        if (dictionary.Architecture.HasThreshold) writer.Add(ThresholdName, new[] { dictionary.Threshold }, 1);
        writer.Metadata["architecture"] = dictionary.Definition.Architecture;
        writer.Metadata["loss_convention"] = dictionary.LossConvention;
        writer.Write(Path.Combine(folder, WeightsFile));
        ResultJson.Write(Path.Combine(folder, ConfigFile), new DictionaryConfig
        {
            Definition = dictionary.Definition,
            ActivationDim = dictionary.ActivationDim,
            HookPoint = dictionary.HookPoint,
            TargetDim = dictionary.Site.TargetDim,
            TargetHookPoint = dictionary.Site.TargetHookPoint,
            LossConvention = dictionary.LossConvention,
            ImportedFrom = dictionary.ImportedFrom,
            UnitRows = dictionary.HasUnitRows ? null : false,
        });
    }

    /// <exception cref="InvalidDataException">A file is missing or does not fit.</exception>
    public static SparseDictionary Load(string folder, Device device)
    {
        var configPath = Path.Combine(folder, ConfigFile);
        var config = ReadConfig(folder);
        var weights = Path.Combine(folder, WeightsFile);
        if (!File.Exists(weights)) throw new InvalidDataException($"{weights} is missing: the folder is not a whole dictionary.");
        using var file = SafetensorsFile.Open(weights);
        var dictionary = Empty(config, configPath, device);
        try
        {
            Read(file, dictionary);
            return dictionary;
        }
        catch
        {
            dictionary.Dispose();
            throw;
        }
    }

    private static void Read(SafetensorsFile file, SparseDictionary dictionary)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        int features = dictionary.FeatureCount, input = dictionary.ActivationDim, output = dictionary.OutputDim;
        file.Require("W_enc", input, features);
        dictionary.EncoderWeight.copy_(file.Read("W_enc", CPU).t());
        Copy(file, "W_dec", dictionary.DecoderWeight, features, output);
        Copy(file, "b_dec", dictionary.DecoderBias, output);
        foreach (var name in dictionary.VectorNames) Copy(file, name, dictionary.Vector(name), features);
        if (dictionary.SkipWeight is { } skip) Copy(file, "W_skip", skip, output, input);
        if (!dictionary.Architecture.HasThreshold) return;
        file.Require(ThresholdName, 1);
        dictionary.Threshold = file.ReadDouble(ThresholdName)[0];
    }

    private static void Copy(SafetensorsFile file, string name, Tensor into, params ReadOnlySpan<long> shape)
    {
        file.Require(name, shape);
        into.copy_(file.Read(name, CPU));
    }

    private static SparseDictionary Empty(DictionaryConfig config, string path, Device device)
    {
        try
        {
            // How an imported dictionary was trained is not known: no default may stand for it.
            var definition = config.ImportedFrom is null ? config.Definition.WithDefaults() : config.Definition.WithoutTraining();
            var dictionary = new SparseDictionary(definition, config.Site, device, ScalarType.Float32)
            {
                ImportedFrom = config.ImportedFrom,
                HasUnitRows = config.UnitRows ?? true,
            };
            if (config.LossConvention == dictionary.LossConvention) return dictionary;
            dictionary.Dispose();
            throw new InvalidDataException($"{path} has loss convention '{config.LossConvention}'; of such a dictionary it is '{dictionary.LossConvention}'.");
        }
        catch (ArgumentException error)
        {
            throw new InvalidDataException($"{path}: {error.Message}", error);
        }
    }

    /// <exception cref="InvalidDataException">It is missing or is none.</exception>
    public static DictionaryConfig ReadConfig(string folder)
    {
        var path = Path.Combine(folder, ConfigFile);
        if (!File.Exists(path)) throw new InvalidDataException($"{path} is missing: the folder is not a dictionary.");
        try
        {
            var config = ResultJson.Read<DictionaryConfig>(path);
            return config.FormatVersion is 1 or DictionaryConfig.CurrentVersion
                ? config
                : throw new InvalidDataException($"{path} has format version {config.FormatVersion}; this program reads 1 and {DictionaryConfig.CurrentVersion}.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path} is not the configuration of a dictionary: {error.Message}", error);
        }
    }
}
