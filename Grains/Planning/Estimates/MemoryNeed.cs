using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;

namespace Orchestrator.Planning.Estimates;

/// <summary>
/// Memory of training, from sizes that are known exactly and factors that were measured on a CPU
/// (<c>tests/Bench/results/memory.md</c>). Without what a process holds anyway: runtime, libtorch, its threads.
/// </summary>
public static class MemoryNeed
{
    /// <summary>Parameters, and Adam's two moments: gradients live only where a batch's features are active.</summary>
    public const double CopiesOfParameters = 3.0;

    /// <summary>Work areas of a step, in batches of activation vectors.</summary>
    public const double CopiesOfABatch = 5.0;

    /// <summary>Parameters, gradients and Adam's two moments of a transformer.</summary>
    private const double CopiesOfModelParameters = 4.0;

    private const int BytesOfAFloat = 4;

    /// <summary>What one dictionary needs beside its stream.</summary>
    public static long OfDictionary(DictionaryDefinition dictionary, int input, int output)
    {
        var parameters = ((long)dictionary.FeatureCount * (input + output + 1)) + output;
        var batch = (long)dictionary.BatchSize * Math.Max(input, output);
        return (long)(((CopiesOfParameters * parameters) + (CopiesOfABatch * batch)) * BytesOfAFloat);
    }

    /// <summary>What the dictionaries of a stream share: the model and the buffer.</summary>
    public static long OfStream(HarvestDefinition harvest, int input, int output, long modelParameters) =>
        (modelParameters + ((long)harvest.BufferVectors * (input + (harvest.TargetHookPoint is null ? 0 : output)))) * BytesOfAFloat;

    /// <summary>At least; activations of a batch come on top and were not measured.</summary>
    public static long OfModel(long parameters) => (long)(CopiesOfModelParameters * parameters * BytesOfAFloat);

    /// <summary>Of a stage by itself; null where nothing is known of it.</summary>
    public static long? Of(StageDefinition stage, Func<StageKey, StageDefinition?> find) => stage switch
    {
        ModelStage model when ModelSize.Parameters(model, find) is { } parameters => OfModel(parameters),
        DictionaryStage dictionary when ModelSize.Widths(dictionary, find) is { } widths => OfDictionary(dictionary.Dictionary, widths.Input, widths.Output),
        _ => null,
    };

    /// <summary>Of what the stages of a stream share; null where nothing is known of it.</summary>
    public static long? OfStream(DictionaryStage stage, Func<StageKey, StageDefinition?> find) =>
        ModelSize.Widths(stage, find) is { } widths && ModelSize.Of(stage.Model, find) is { } model && ModelSize.Parameters(model, find) is { } parameters
            ? OfStream(stage.Harvest, widths.Input, widths.Output, parameters)
            : null;
}
