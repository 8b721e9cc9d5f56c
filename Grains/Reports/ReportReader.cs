using System.Reflection;
using DuckDB.NET.Data;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Results;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Contracts.Features;
using Orchestrator.Grains.Experiments;
using Orchestrator.Planning.Artefacts;

namespace Orchestrator.Grains.Reports;

/// <summary>Reads from the store what a report shows beside its summary.</summary>
/// <param name="store">The store.</param>
/// <param name="manifests">The plugins' manifests, for the questions and the metrics' definitions.</param>
/// <param name="time">The clock of the page's footer.</param>
internal sealed class ReportReader(ArtefactStore store, IReadOnlyList<PluginManifest> manifests, TimeProvider time)
{
    private const string ContextsTable = "contexts.parquet";
    private const string NeuronsTable = "closest-neurons.parquet";
    private const int ExampleCount = 12;
    private const int ContextsPerInterval = 4;
    private const int PreviewRows = 8;
    private const int MaxImageBytes = 2 * 1024 * 1024;
    private const int MaxImages = 6;
    private const int MaxTables = 4;

    /// <summary>Bounded reading; a table or figure that cannot be read is left out, as the analysis' folder may hold anything.</summary>
    public ReportContent Read(FinishedExperiment experiment, ExperimentSummary summary, CancellationToken cancellationToken)
    {
        using var tables = new TableReader();
        var analyses = new List<AnalysisContent>();
        foreach (var analysis in summary.Analyses)
        {
            cancellationToken.ThrowIfCancellationRequested();
            analyses.Add(Analysis(analysis, tables));
        }

        return new ReportContent
        {
            Summary = summary,
            SpecText = experiment.SpecText,
            Stages = experiment.Stages,
            Analyses = analyses,
            Examples = Examples(summary, tables),
            WrittenAt = time.GetUtcNow(),
            Versions = Versions(analyses),
        };
    }

    private AnalysisContent Analysis(AnalysisSummary analysis, TableReader tables)
    {
        var plugin = manifests.FirstOrDefault(m => m.Id == analysis.Plugin);
        var manifest = plugin?.Analyses.FirstOrDefault(a => a.Kind == analysis.Kind);
        var images = analysis.Artefacts.Where(path => path.EndsWith(".svg", StringComparison.OrdinalIgnoreCase))
            .Select(Absolute).Where(IsSmallFile).Take(MaxImages)
            .Select(path => new EmbeddedImage(Path.GetFileNameWithoutExtension(path), File.ReadAllBytes(path)));
        var previews = analysis.Artefacts.Where(path => path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase))
            .Select(Absolute).Where(File.Exists).Take(MaxTables)
            .Select(path => Attempt(() => tables.Preview(Path.GetFileNameWithoutExtension(path), path, PreviewRows))).OfType<TablePreview>();
        return new AnalysisContent(analysis, plugin?.Version ?? "", manifest?.Summary ?? "", Metrics(analysis, manifest), [.. images], [.. previews]);
    }

    private static IReadOnlyList<MetricLine> Metrics(AnalysisSummary analysis, AnalysisManifest? manifest)
    {
        return [.. PairedMetric.Pair(analysis.Metrics, analysis.NullMetrics).Select(metric =>
        {
            var definition = manifest?.Metrics.FirstOrDefault(m => m.Name == metric.Name);
            return new MetricLine(metric, definition?.Unit ?? "", definition?.Description ?? "", definition?.Version);
        })];
    }

    /// <summary>From the largest dictionary of the first trained model that has contexts.</summary>
    private FeatureExamples? Examples(ExperimentSummary summary, TableReader tables)
    {
        var trained = summary.Models.Where(m => !m.RandomWeights).OrderBy(m => m.Seed).Select(m => m.Id).ToList();
        var candidates = summary.Dictionaries.Where(d => trained.Contains(d.Model))
            .OrderBy(d => trained.IndexOf(d.Model)).ThenByDescending(d => d.FeatureCount);
        foreach (var dictionary in candidates)
        {
            if (TableOf(summary, dictionary.Id, ContextsTable) is { } contexts
                && Attempt(() => Examples(dictionary.Id, contexts, TableOf(summary, dictionary.Id, NeuronsTable), tables)) is { Features.Count: > 0 } examples)
            {
                return examples;
            }
        }

        return null;
    }

    private FeatureExamples Examples(string dictionary, string contexts, string? neurons, TableReader tables)
    {
        var features = store.FileOf(new StageKey(dictionary), "features.parquet");
        return new FeatureExamples(dictionary, [.. tables.Interesting(features, contexts, ExampleCount).Select(statistics =>
        {
            var neuron = neurons is null ? null : tables.ClosestNeuron(neurons, statistics.Feature);
            return new FeatureDetail(statistics, tables.Contexts(contexts, statistics.Feature, ContextsPerInterval), neuron?.Neuron, neuron?.Correlation);
        })]);
    }

    private string? TableOf(ExperimentSummary summary, string dictionary, string file) => summary.Analyses
        .Where(a => a.Status == "completed" && a.Inputs is [var only] && only == dictionary)
        .SelectMany(a => a.Artefacts)
        .Where(path => Path.GetFileName(path) == file)
        .Select(Absolute)
        .FirstOrDefault(File.Exists);

    private string Absolute(string relative) => Path.Combine(store.Layout.Root, relative);

    private static bool IsSmallFile(string path) => new FileInfo(path) is { Exists: true, Length: <= MaxImageBytes };

    private static T? Attempt<T>(Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception ex) when (ex is DuckDBException or IOException or InvalidCastException)
        {
            return null;
        }
    }

    private static IReadOnlyList<KeyValuePair<string, string>> Versions(IEnumerable<AnalysisContent> analyses) =>
    [
        new("Orchestrator", typeof(ReportReader).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown"),
        new(".NET", Environment.Version.ToString()),
        .. analyses.Where(a => a.Version.Length > 0).Select(a => KeyValuePair.Create(a.Summary.Plugin, a.Version)).Distinct(),
    ];
}
