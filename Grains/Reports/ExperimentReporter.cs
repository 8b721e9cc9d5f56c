using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Results;
using Orchestrator.Grains.Experiments;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Grains.Reports;

/// <summary>Writes an experiment's summary and its page, each whole or not at all.</summary>
/// <param name="store">Where results are read and the two files go.</param>
/// <param name="manifests">Of the plugins, for the questions of analyses and the meaning of their metrics.</param>
/// <param name="time">The clock.</param>
public sealed class ExperimentReporter(ArtefactStore store, IEnumerable<PluginManifest> manifests, TimeProvider time) : IExperimentReporter
{
    private readonly SummaryBuilder _summaries = new(store, [.. manifests]);
    private readonly ReportReader _reader = new(store, [.. manifests], time);

    /// <inheritdoc/>
    public async Task<string> Write(FinishedExperiment experiment, CancellationToken cancellationToken)
    {
        var summary = _summaries.Build(experiment);
        var page = HtmlReport.Render(_reader.Read(experiment, summary, cancellationToken));
        Directory.CreateDirectory(store.Layout.Experiment(experiment.Id));
        await Replace(store.Layout.Report(experiment.Id), path => File.WriteAllTextAsync(path, page, cancellationToken));

        // Last: who finds a new summary finds the page that belongs to it.
        var target = store.Layout.Summary(experiment.Id);
        await Replace(target, path =>
        {
            ResultJson.Write(path, summary);
            return Task.CompletedTask;
        });
        return target;
    }

    private static async Task Replace(string target, Func<string, Task> write)
    {
        var temporary = target + ".new";
        await write(temporary);
        File.Move(temporary, target, overwrite: true);
    }
}
