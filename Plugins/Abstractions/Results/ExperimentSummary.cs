using System.Text.Json.Serialization;
using Orchestrator.Abstractions.Stages;

namespace Orchestrator.Abstractions.Results;

/// <summary><c>STORE/experiments/ID/summary.json</c>, also printed by <c>run --json</c>.</summary>
public sealed record ExperimentSummary
{
    public required string Experiment { get; init; }

    public required string Id { get; init; }

    /// <summary><c>completed</c>, <c>failed</c> or <c>cancelled</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Wall-clock seconds of this submission.</summary>
    public required double WallSeconds { get; init; }

    /// <summary>Stages whose artefact was there already.</summary>
    public required int CachedStages { get; init; }

    /// <summary>Stages computed for this submission.</summary>
    public required int ComputedStages { get; init; }

    public required IReadOnlyList<ModelSummary> Models { get; init; }

    public required IReadOnlyList<DictionarySummary> Dictionaries { get; init; }

    public required IReadOnlyList<AnalysisSummary> Analyses { get; init; }

    /// <summary>Stages that failed, with their reason.</summary>
    public IReadOnlyList<StageFailure> Failures { get; init; } = [];

    /// <summary>Dictionaries that were stopped early, and analyses of them; they have no result.</summary>
    public IReadOnlyList<StoppedStage> Stopped { get; init; } = [];
}

/// <summary>A model's line.</summary>
public sealed record ModelSummary
{
    public required string Id { get; init; }

    public required ulong Seed { get; init; }

    public required bool RandomWeights { get; init; }

    public required long Parameters { get; init; }

    public required long TokensTrained { get; init; }

    public required double ValidationLoss { get; init; }

    public required double BigramLoss { get; init; }

    public double TokensPerSecond { get; init; }
}

/// <summary>A dictionary's line; definitions as in <see cref="DictionaryResult"/>, with null for what its version of the metrics lacks.</summary>
public sealed record DictionarySummary
{
    public required string Id { get; init; }

    /// <summary>Id of its model.</summary>
    public required string Model { get; init; }

    public required int FeatureCount { get; init; }

    public required string Architecture { get; init; }

    /// <summary>λ; null where something else makes it sparse.</summary>
    public double? L1Coefficient { get; init; }

    /// <summary>λ₀; null where something else makes it sparse.</summary>
    public double? L0Coefficient { get; init; }

    /// <summary>Active features per token; null where a penalty makes it sparse.</summary>
    public int? K { get; init; }

    /// <summary>The tool whose files it comes from, and what they say; null: trained here.</summary>
    public string? ImportedFrom { get; init; }

    /// <summary>The one of the three that there is; of an imported one only k is known.</summary>
    [JsonIgnore]
    public string Sparsity =>
        K is { } k ? SparsityParameter.K.Label(k)
        : L0Coefficient is { } l0 ? SparsityParameter.L0Coefficient.Label(l0)
        : L1Coefficient is { } l1 ? SparsityParameter.L1Coefficient.Label(l1)
        : "imported";

    public required double L0 { get; init; }

    public double? L1 { get; init; }

    public double? MeanSquaredError { get; init; }

    public required double ExplainedVariance { get; init; }

    public double? CosineSimilarity { get; init; }

    public double? L2Ratio { get; init; }

    public double? RelativeReconstructionBias { get; init; }

    public required double LossOriginal { get; init; }

    public required double LossZero { get; init; }

    public required double LossSpliced { get; init; }

    public required double LossRecovered { get; init; }

    public double? KlZero { get; init; }

    public double? KlSpliced { get; init; }

    public double? KlRecovered { get; init; }

    public required int DeadFeatures { get; init; }

    public required int UltralowDensityFeatures { get; init; }

    public double? FeaturesAboveOnePercent { get; init; }

    public double? FeaturesAboveTenPercent { get; init; }

    public double? MeanMaxDecoderCosine { get; init; }

    public required IReadOnlyList<int> DensityHistogram { get; init; }

    public required long TokensSeen { get; init; }

    public required double TokensPerSecond { get; init; }

    public required int MetricsVersion { get; init; }
}

/// <summary>An analysis' line.</summary>
public sealed record AnalysisSummary
{
    public required string Kind { get; init; }

    public required string Plugin { get; init; }

    /// <summary>Ids of the input dictionaries.</summary>
    public required IReadOnlyList<string> Inputs { get; init; }

    /// <summary><c>completed</c> or <c>failed</c>.</summary>
    public required string Status { get; init; }

    public string? Error { get; init; }

    public string Verdict { get; init; } = "";

    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    public required IReadOnlyDictionary<string, double> NullMetrics { get; init; }

    /// <summary>Files, relative to the store's root.</summary>
    public required IReadOnlyList<string> Artefacts { get; init; }
}

/// <summary>A stage that was not computed to its end because that was not worth it.</summary>
public sealed record StoppedStage
{
    public required string Id { get; init; }

    public required string Stage { get; init; }

    public required string Reason { get; init; }

    /// <summary>What decided; null of an analysis.</summary>
    public string? Metric { get; init; }

    /// <summary>What it was worth where it was ranked, in order; empty of an analysis.</summary>
    public IReadOnlyList<RungPlacing> Rungs { get; init; } = [];
}

/// <summary>How a dictionary stood among others at a rung.</summary>
/// <param name="Rung">Share of its tokens.</param>
/// <param name="Value">Of the metric.</param>
/// <param name="Rank">From 1, the best.</param>
/// <param name="Ranked">Among so many.</param>
/// <param name="Kept">So many of them went on.</param>
public sealed record RungPlacing(double Rung, double Value, int Rank, int Ranked, int Kept);

/// <summary>A stage that did not complete.</summary>
public sealed record StageFailure(string Stage, string Reason);
