using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Interchange;
using Orchestrator.Numerics.Metrics;
using Orchestrator.Numerics.Transformers;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Silo.Stages;

/// <summary>Reads dictionaries of other tools, and measures them as those that are trained here.</summary>
internal sealed class ImportStages(StageInputs inputs)
{
    public void Run(StageKey key, ImportStage stage, IJobReporter reporter, CancellationToken stop)
    {
        reporter.Progress(key, StageProgress.Doing("reading"));
        RequireUnchanged(stage);
        var foreign = ForeignDictionary.Open(stage.Folder);
        if (foreign.HasTarget)
            throw new InvalidDataException($"{stage.Folder} holds a transcoder ({foreign.Kind}); only dictionaries that reconstruct what they read can be measured here.");
        var hookPoint = HookPointOf(stage, foreign.HookPoint);
        using var model = inputs.Model(stage.Model);
        RequireWidth(foreign, model, stage.Model, hookPoint);
        using var dictionary = foreign.Load(hookPoint, device: inputs.Device);
        reporter.Progress(key, StageProgress.Doing("evaluating"));
        var vocabulary = inputs.Tokenizer(stage.Tokenizer);
        using var validation = inputs.ValidationTokens(stage.Tokens);
        var evaluation = new DictionaryEvaluator(model, vocabulary.Display).Evaluate([dictionary], validation, stage.Evaluation, stop)[0];
        DictionaryPublisher.Commit(key, evaluation, evaluation.ToResult(tokensSeen: 0, tokensPerSecond: 0, resampledFeatures: 0), reporter);
    }

    /// <summary>The address names what the files held when they were planned; something else must not be published under it.</summary>
    private static void RequireUnchanged(ImportStage stage)
    {
        var now = FolderFingerprint.Compute(stage.Folder);
        if (now != stage.Fingerprint)
            throw new InvalidDataException($"The files in {stage.Folder} have changed since the plan was made (fingerprint {stage.Fingerprint[..12]}, now {now[..12]}): import them again.");
    }

    /// <summary>What was asked for, which the files must not contradict; or what they say.</summary>
    private static string HookPointOf(ImportStage stage, string? found)
    {
        var asked = stage.HookPoint;
        var isKnown = HookPoint.TryParse(found, out _);
        if (asked is null)
        {
            return isKnown ? found! : throw new InvalidDataException(
                $"{stage.Folder} {(found is null ? "does not say where its inputs are read" : $"says that its inputs are read at '{found}', which is no hook point here")}; name it with --hook-point: {HookPoint.Forms} (L: a layer, from 0).");
        }

        return !isKnown || found == asked ? asked : throw new InvalidDataException(
            $"{stage.Folder} says that its inputs are read at {found}; asked for is {asked}.");
    }

    private static void RequireWidth(ForeignDictionary foreign, Transformer model, StageKey key, string hookPoint)
    {
        var place = HookPoint.Parse(hookPoint);
        if (!place.ExistsIn(model.Definition))
            throw new InvalidDataException($"{key} has no {hookPoint}: its layers are 0 to {model.Definition.Layers - 1}.");
        if (foreign.ActivationDim != model.WidthAt(place))
            throw new InvalidDataException($"{foreign.Folder} holds a dictionary of activations of {foreign.ActivationDim} elements; those of {key} at {hookPoint} have {model.WidthAt(place)}.");
    }
}
