using Orchestrator.Abstractions;
using Orchestrator.Numerics.Dictionaries;
using Orchestrator.Numerics.Transformers;

namespace Orchestrator.Numerics.Metrics;

/// <summary>Where a dictionary reads a model and where its reconstruction is put back.</summary>
/// <param name="Input">Where its inputs are read.</param>
/// <param name="Target">What it reconstructs: the input, or a transcoder's target.</param>
internal readonly record struct EvaluationSite(HookPoint Input, HookPoint Target)
{
    /// <exception cref="ArgumentException">The model has no such hook points, or the dictionary is of other widths.</exception>
    public static EvaluationSite Of(SparseDictionary dictionary, Transformer model)
    {
        var input = Parse(dictionary.HookPoint, dictionary.ActivationDim, "inputs", model);
        return new EvaluationSite(
            input, dictionary.Site.TargetHookPoint is { } target ? Parse(target, dictionary.OutputDim, "outputs", model) : input);
    }

    private static HookPoint Parse(string name, int width, string what, Transformer model)
    {
        if (!HookPoint.TryParse(name, out var hookPoint))
            throw new ArgumentException($"The dictionary's hook point '{name}' is unknown; known: {HookPoint.Forms}.", nameof(name));
        return model.WidthAt(hookPoint) is var expected && expected == width
            ? hookPoint
            : throw new ArgumentException($"A dictionary with {what} of width {width} for a model of width {expected} at {hookPoint}.", nameof(name));
    }
}
