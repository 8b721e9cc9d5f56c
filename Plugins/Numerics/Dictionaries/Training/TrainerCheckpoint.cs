using System.Text.Json;
using Orchestrator.Abstractions.Results;
using Orchestrator.Numerics.Formats;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Dictionaries.Training;

/// <summary>
/// The folder of a trainer's checkpoint: the dictionary's own files, <c>trainer.safetensors</c> with Adam's moments and
/// the firing counters, <c>trainer.json</c> with the rest. Resampling draws from the seed and the step, so that there is
/// no generator to keep.
/// </summary>
internal static class TrainerCheckpoint
{
    private const string StateFile = "trainer.safetensors";
    private const string ProgressFile = "trainer.json";

    public static void Save(string folder, SparseDictionary dictionary, OptimiserState state, TrainerProgress progress)
    {
        dictionary.Save(folder);
        var writer = new SafetensorsWriter();
        foreach (var (name, tensor) in state.All) writer.Add(name, tensor);
        writer.Write(Path.Combine(folder, StateFile));
        ResultJson.Write(Path.Combine(folder, ProgressFile), progress);
    }

    /// <exception cref="InvalidDataException">A file is missing or does not fit.</exception>
    public static TrainerProgress Load(string folder, OptimiserState state)
    {
        var path = Path.Combine(folder, StateFile);
        if (!File.Exists(path)) throw new InvalidDataException($"{path} is missing: the folder is not a checkpoint.");
        using var file = SafetensorsFile.Open(path);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        foreach (var (name, tensor) in state.All)
        {
            file.Require(name, tensor.shape);
            tensor.copy_(file.Read(name, CPU));
        }

        return ReadProgress(Path.Combine(folder, ProgressFile));
    }

    private static TrainerProgress ReadProgress(string path)
    {
        if (!File.Exists(path)) throw new InvalidDataException($"{path} is missing: the folder is not a checkpoint.");
        try
        {
            return ResultJson.Read<TrainerProgress>(path);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path} does not hold a trainer's counters: {error.Message}", error);
        }
    }
}
