using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Stages;
using Orchestrator.Contracts.Runs;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Silo.Plugins;

namespace Orchestrator.Silo.Stages;

/// <summary>Runs analyses.</summary>
internal sealed class AnalysisStages(PluginHost plugins, ArtefactStore store, StageInputs inputs)
{
    public void Run(StageKey key, AnalysisStage stage, IJobReporter reporter, CancellationToken stop)
    {
        var analysis = plugins.Create(stage.Kind, stage.PluginSha256);
        var folder = reporter.NewWorkFolder(key);
        using var context = new AnalysisContext(
            stage, store, inputs.Device, folder, fraction => reporter.Progress(key, StageProgress.Share(fraction, "analysing")));
        var result = AnalysisRunner.Run(analysis, context, folder, stop);
        if (result.Status == "failed")
        {
            // Not published: an artefact is what its address promises, and the next submission is to try again.
            throw new StageFailedException(FailureClass.Plugin, $"{stage.Kind}: {result.Error}");
        }

        reporter.CommitResult(key, folder);
    }
}
