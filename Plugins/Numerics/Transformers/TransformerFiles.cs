using System.Text.Json;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Formats;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Transformers;

/// <summary><c>model.safetensors</c> and <c>config.json</c>.</summary>
internal static class TransformerFiles
{
    public const string WeightsName = "model.safetensors";
    public const string ConfigName = "config.json";

    private const string Format = "orchestrator-transformer";

    private static readonly JsonSerializerOptions Json = new(StageDefinition.Json) { WriteIndented = true };

    public static void Save(Transformer transformer, string folder)
    {
        var writer = new SafetensorsWriter { Metadata = { ["format"] = Format } };
        foreach (var name in transformer.ParameterNames)
            writer.Add(name, transformer.Parameter(name));
        writer.Write(Path.Combine(folder, WeightsName));

        var config = new Config(Format, transformer.VocabularySize, transformer.Definition);
        using var stream = new FileStream(Path.Combine(folder, ConfigName), FileMode.Create, FileAccess.Write);
        JsonSerializer.Serialize(stream, config, Json);
        stream.Flush(flushToDisk: true);
    }

    public static Transformer Load(string folder, Device device)
    {
        var config = ReadConfig(Path.Combine(folder, ConfigName));
        var path = Path.Combine(folder, WeightsName);
        using var file = SafetensorsFile.Open(path);
        var layout = LayoutOf(config, Path.Combine(folder, ConfigName));
        var surplus = file.Entries.Keys.Except(layout.Parameters.Select(parameter => parameter.Name)).Order(StringComparer.Ordinal).ToArray();
        if (surplus.Length > 0)
            throw new InvalidDataException($"{path} has tensors that the model of {ConfigName} lacks: {string.Join(", ", surplus)}.");

        var parameters = ParameterSet.Zeros(layout, device);
        try
        {
            foreach (var parameter in layout.Parameters)
                Read(file, parameter, parameters[parameter.Name], path, device);
            return new Transformer(config.Definition, config.VocabularySize, parameters);
        }
        catch
        {
            parameters.Dispose();
            throw;
        }
    }

    public static TransformerDefinition ReadDefinition(string folder) => ReadConfig(Path.Combine(folder, ConfigName)).Definition;

    private static Config ReadConfig(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var config = JsonSerializer.Deserialize<Config>(stream, Json);
            if (config is not { Format: Format, Definition: not null })
                throw new InvalidDataException($"{path} is not the configuration of a transformer: format '{config?.Format}', expected '{Format}'.");
            return config;
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{path} is not the configuration of a transformer: {exception.Message}", exception);
        }
    }

    private static ParameterLayout LayoutOf(Config config, string path)
    {
        try
        {
            return new ParameterLayout(config.Definition, config.VocabularySize);
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException($"{path} describes no transformer: {exception.Message}", exception);
        }
    }

    private static void Read(SafetensorsFile file, ParameterSpec parameter, Tensor destination, string path, Device device)
    {
        var entry = file.Require(parameter.Name, parameter.Shape);
        if (entry.Type != SafetensorsType.F32)
            throw new InvalidDataException($"{path}: tensor '{parameter.Name}' has dtype {entry.Type}, expected F32.");
        using var noGradient = no_grad();
        using var values = file.Read(parameter.Name, device);
        destination.copy_(values);
    }

    private sealed record Config(string Format, int VocabularySize, TransformerDefinition Definition);
}
