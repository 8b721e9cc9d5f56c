using System.Globalization;
using System.Text.Json;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Formats;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Transformers;

/// <summary>
/// <c>trainer.safetensors</c>: weights and both moments, flat, and in the metadata the step and what identifies the
/// training. The place in the stream of contexts follows from the step.
/// </summary>
internal static class TrainerCheckpoint
{
    private const string FileName = "trainer.safetensors";
    private const string StepKey = "step";

    public static void Save(TransformerTrainer trainer, string folder)
    {
        var writer = new SafetensorsWriter();
        foreach (var (key, value) in Identity(trainer))
            writer.Metadata[key] = value;
        writer.Metadata[StepKey] = trainer.StepIndex.ToString(CultureInfo.InvariantCulture);
        foreach (var (name, tensor) in Tensors(trainer))
            writer.Add(name, tensor);
        writer.Write(Path.Combine(folder, FileName));
    }

    /// <returns>The step that the checkpoint was taken after.</returns>
    public static long Restore(TransformerTrainer trainer, string folder)
    {
        var path = Path.Combine(folder, FileName);
        using var file = SafetensorsFile.Open(path);
        foreach (var (key, expected) in Identity(trainer))
        {
            if (!file.Metadata.TryGetValue(key, out var found) || found != expected)
                throw new InvalidDataException($"{path} belongs to another training: its {key} is {found ?? "missing"}, expected {expected}.");
        }

        if (!file.Metadata.TryGetValue(StepKey, out var text)
            || !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var step)
            || step > trainer.Steps)
        {
            throw new InvalidDataException($"{path}: its step is '{text}', expected 0 to {trainer.Steps}.");
        }

        foreach (var (name, tensor) in Tensors(trainer))
        {
            if (file.Require(name, tensor.shape).Type != SafetensorsType.F32)
                throw new InvalidDataException($"{path}: tensor '{name}' is not F32.");
        }

        using var noGradient = no_grad();
        foreach (var (name, tensor) in Tensors(trainer))
        {
            using var values = file.Read(name, tensor.device);
            tensor.copy_(values);
        }

        return step;
    }

    private static IEnumerable<(string Key, string Value)> Identity(TransformerTrainer trainer)
    {
        yield return ("architecture", JsonSerializer.Serialize(trainer.Transformer.Definition, StageDefinition.Json));
        yield return ("training", JsonSerializer.Serialize(trainer.Definition, StageDefinition.Json));
        yield return ("seed", trainer.Seed.ToString(CultureInfo.InvariantCulture));
        yield return ("vocabulary_size", trainer.Transformer.VocabularySize.ToString(CultureInfo.InvariantCulture));
        yield return ("train_tokens", trainer.TrainTokens.ToString(CultureInfo.InvariantCulture));
    }

    private static IEnumerable<(string Name, Tensor Tensor)> Tensors(TransformerTrainer trainer)
    {
        yield return ("parameters", trainer.Transformer.Parameters.Flat);
        yield return ("first_moment", trainer.Optimiser.FirstMoment);
        yield return ("second_moment", trainer.Optimiser.SecondMoment);
    }
}
