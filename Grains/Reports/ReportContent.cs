using Orchestrator.Abstractions.Results;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Contracts.Features;
using Orchestrator.Grains.Experiments;

namespace Orchestrator.Grains.Reports;

/// <summary>Everything that a report shows, read and bounded, before any of it is laid out.</summary>
internal sealed record ReportContent
{
    public required ExperimentSummary Summary { get; init; }

    /// <summary>The spec as the user wrote it.</summary>
    public required string SpecText { get; init; }

    public required IReadOnlyList<FinishedStage> Stages { get; init; }

    public required IReadOnlyList<AnalysisContent> Analyses { get; init; }

    /// <summary>Null where no feature-report of a trained model's dictionary is complete.</summary>
    public FeatureExamples? Examples { get; init; }

    public required DateTimeOffset WrittenAt { get; init; }

    /// <summary>What computed it, name and version.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Versions { get; init; }
}

/// <summary>An analysis with what it wrote.</summary>
/// <param name="Summary">Its line of the summary.</param>
/// <param name="Version">The plugin's version.</param>
/// <param name="Question">What it asks, from its manifest; empty where the manifest is gone.</param>
/// <param name="Metrics">Every metric beside its null, in the order of the result.</param>
/// <param name="Images">SVG files.</param>
/// <param name="Tables">First rows of its tables.</param>
internal sealed record AnalysisContent(
    AnalysisSummary Summary,
    string Version,
    string Question,
    IReadOnlyList<MetricLine> Metrics,
    IReadOnlyList<EmbeddedImage> Images,
    IReadOnlyList<TablePreview> Tables);

/// <summary>A metric with its nulls, and what it means.</summary>
internal sealed record MetricLine(PairedMetric Metric, string Unit, string Description, int? Version);

/// <summary>An SVG file.</summary>
internal sealed record EmbeddedImage(string Name, byte[] Svg);

/// <summary>The first rows of a table.</summary>
internal sealed record TablePreview(string Name, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows, long RowCount);

/// <summary>Features of one dictionary that are worth a look.</summary>
internal sealed record FeatureExamples(string Dictionary, IReadOnlyList<FeatureDetail> Features);
