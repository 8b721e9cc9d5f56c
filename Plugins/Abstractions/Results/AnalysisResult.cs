namespace Orchestrator.Abstractions.Results;

/// <summary><c>result.json</c> of an analysis.</summary>
public sealed record AnalysisResult
{
    public required string Kind { get; init; }

    public required string Plugin { get; init; }

    public required string PluginVersion { get; init; }

    /// <summary>The input dictionaries' ids.</summary>
    public required IReadOnlyList<string> Inputs { get; init; }

    /// <summary><c>completed</c> or <c>failed</c>.</summary>
    public required string Status { get; init; }

    /// <summary>What went wrong; null when completed.</summary>
    public string? Error { get; init; }

    /// <summary>One sentence for people.</summary>
    public string Verdict { get; init; } = "";

    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();

    public IReadOnlyDictionary<string, double> NullMetrics { get; init; } = new Dictionary<string, double>();

    /// <summary>Definition version of each metric.</summary>
    public IReadOnlyDictionary<string, int> MetricVersions { get; init; } = new Dictionary<string, int>();

    /// <summary>Files written beside this one.</summary>
    public IReadOnlyList<string> Artefacts { get; init; } = [];
}
