using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Contracts.Runs;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Silo.Devices;
using Orchestrator.Silo.Plugins;

namespace Orchestrator.Silo.Stages;

/// <summary>Runs analyses, within limits.</summary>
internal sealed class AnalysisStages(PluginHost plugins, ArtefactStore store, StageInputs inputs, AnalysisLimits limits)
{
    public void Run(StageKey key, AnalysisStage stage, IJobReporter reporter, CancellationToken stop)
    {
        using var watch = new AnalysisWatch(
            limits, problem => reporter.Abandon(FailureClass.Plugin, $"{stage.Kind}: {problem}"), TimeProvider.System, stop);
        try
        {
            var analysis = plugins.Create(stage.Kind, stage.PluginSha256);
            var folder = reporter.NewWorkFolder(key);
            using var context = new AnalysisContext(
                stage,
                store,
                inputs.Device,
                folder,
                fraction => reporter.Progress(key, StageProgress.Share(fraction, "analysing")),
                watch.Hear,
                limits);
            var result = AnalysisRunner.Run(analysis, context, folder, watch.Token, limits);
            if (result.Status == "failed")
            {
                // Not published: an artefact is what its address promises, and the next submission is to try again.
                throw new StageFailedException(FailureClass.Plugin, $"{stage.Kind}: {result.Error}");
            }

            reporter.CommitResult(key, folder);
        }
        catch (OperationCanceledException) when (watch.Problem is not null && !stop.IsCancellationRequested)
        {
            throw new StageFailedException(FailureClass.Plugin, $"{stage.Kind}: {watch.Problem}");
        }
        catch (Exception exception) when (FailureClassifier.IsOutOfMemory(exception))
        {
            throw new StageFailedException(FailureClass.OutOfMemory, $"{stage.Kind}: {FailureClassifier.Classify(exception).Reason}", exception);
        }
    }
}
