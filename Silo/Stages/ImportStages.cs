using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Numerics.Interchange;
using Orchestrator.Numerics.Metrics;
using Orchestrator.Numerics.Transformers;
using Orchestrator.Planning.Access;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Silo.Stages;

/// <summary>Reads dictionaries of other tools, and measures them as those that are trained here.</summary>
internal sealed class ImportStages(StageInputs inputs, AllowedFolders allowed)
{
    public void Run(StageKey key, ImportStage stage, IJobReporter reporter, CancellationToken stop)
    {
        reporter.Progress(key, StageProgress.Doing("reading"));
        RequireUnchanged(stage);
        var foreign = ForeignDictionary.Open(stage.Folder);
        using var model = inputs.Model(stage.Model);
        var input = HookPointOf(stage.Folder, "its inputs are read", foreign.HookPoint, stage.HookPoint, "--hook-point");
        RequireWidth(stage, foreign.ActivationDim, model, input);
        using var dictionary = foreign.Load(input.ToString(), TargetOf(stage, foreign, model), inputs.Device);
        reporter.Progress(key, StageProgress.Doing("evaluating"));
        var vocabulary = inputs.Tokenizer(stage.Tokenizer);
        using var validation = inputs.ValidationTokens(stage.Tokens);
        var evaluation = new DictionaryEvaluator(model, vocabulary.Display).Evaluate([dictionary], validation, stage.Evaluation, stop)[0];
        DictionaryPublisher.Commit(key, evaluation, evaluation.ToResult(tokensSeen: 0, tokensPerSecond: 0, resampledFeatures: 0), reporter);
    }

    /// <summary>The address names what the files held when they were planned; something else must not be published under it.</summary>
    private void RequireUnchanged(ImportStage stage)
    {
        if (allowed.FirstOutside(Directory.EnumerateFiles(stage.Folder).Prepend(stage.Folder)) is { } outside)
            throw new InvalidDataException($"{outside} is not in a folder that the cluster lets people import from: {allowed.Allowed}.");

        var now = FolderFingerprint.Compute(stage.Folder);
        if (now != stage.Fingerprint)
            throw new InvalidDataException($"The files in {stage.Folder} have changed since the plan was made (fingerprint {stage.Fingerprint[..12]}, now {now[..12]}): import them again.");
    }

    /// <summary>What a transcoder reconstructs; null of what reconstructs its input.</summary>
    private static string? TargetOf(ImportStage stage, ForeignDictionary foreign, Transformer model)
    {
        if (!foreign.HasTarget)
        {
            return stage.TargetHookPoint is null ? null : throw new InvalidDataException(
                $"{stage.Folder} holds no transcoder ({foreign.Kind}): it reconstructs what it reads, and has no target {stage.TargetHookPoint}.");
        }

        var target = HookPointOf(stage.Folder, "its targets are read", foreign.TargetHookPoint, stage.TargetHookPoint, "--target-hook-point");
        RequireWidth(stage, foreign.OutputDim, model, target);
        return target.ToString();
    }

    /// <summary>What was asked for, which the files must not contradict; or what they say.</summary>
    private static HookPoint HookPointOf(string folder, string what, string? found, string? asked, string option)
    {
        var isKnown = HookPoint.TryParse(found, out var said);
        if (asked is null)
        {
            return isKnown ? said : throw new InvalidDataException(
                $"{folder} {(found is null ? $"does not say where {what}" : $"says that {what} at '{found}', which is no hook point here")}; name it with {option}: {HookPoint.Forms} (L: a layer, from 0).");
        }

        return !isKnown || found == asked ? HookPoint.Parse(asked) : throw new InvalidDataException(
            $"{folder} says that {what} at {found}; asked for is {asked}.");
    }

    private static void RequireWidth(ImportStage stage, int width, Transformer model, HookPoint place)
    {
        if (!place.ExistsIn(model.Definition))
            throw new InvalidDataException($"{stage.Model} has no {place}: its layers are 0 to {model.Definition.Layers - 1}.");
        if (width != model.WidthAt(place))
            throw new InvalidDataException($"{stage.Folder} holds a dictionary of activations of {width} elements; those of {stage.Model} at {place} have {model.WidthAt(place)}.");
    }
}
