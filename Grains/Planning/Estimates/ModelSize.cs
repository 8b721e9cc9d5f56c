using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;

namespace Orchestrator.Planning.Estimates;

/// <summary>Sizes that follow from definitions alone.</summary>
internal static class ModelSize
{
    /// <summary>The trained model of a stage's model, which may be its random twin; null where it is not known.</summary>
    public static ModelStage? Of(StageKey model, Func<StageKey, StageDefinition?> find) => find(model) switch
    {
        ModelStage trained => trained,
        RandomTwinStage twin => find(twin.Model) as ModelStage,
        _ => null,
    };

    /// <summary>Of embeddings, positions, attention, MLP, normalisation and unembedding; null where the vocabulary is not known.</summary>
    public static long? Parameters(ModelStage model, Func<StageKey, StageDefinition?> find)
    {
        if (find(model.Tokenizer) is not TokenizerStage { Tokenizer.VocabularySize: var vocabulary })
        {
            return null;
        }

        var a = model.Architecture;
        long width = a.ModelDim;
        var block = (4 * width * (width + 1)) + (2 * width * a.MlpDim) + a.MlpDim + width + (4 * width);
        return (2 * vocabulary * width) + (a.ContextLength * width) + (a.Layers * block) + (2 * width);
    }

    /// <summary>Of what a dictionary reads and of what it reconstructs; null where the model is not known.</summary>
    public static (int Input, int Output)? Widths(DictionaryStage dictionary, Func<StageKey, StageDefinition?> find) =>
        Of(dictionary.Model, find) is { } model
            ? (dictionary.Harvest.HookPoint.WidthIn(model.Architecture), dictionary.Harvest.OutputHookPoint.WidthIn(model.Architecture))
            : null;
}
