namespace Orchestrator.Abstractions.Results;

/// <summary><c>result.json</c> of a dictionary: metrics over the evaluation tokens. Losses in nats.</summary>
public sealed record DictionaryResult
{
    /// <summary>Version of the metric definitions below.</summary>
    public int MetricsVersion { get; init; } = 1;

    public required int FeatureCount { get; init; }

    public required string Architecture { get; init; }

    /// <summary>What was minimised: <c>mean-squared-error-over-elements + λ · sum-over-features</c> of a <c>standard</c> one.</summary>
    public required string LossConvention { get; init; }

    /// <summary>λ; null where something else makes it sparse.</summary>
    public double? L1Coefficient { get; init; }

    /// <summary>λ₀; null where something else makes it sparse.</summary>
    public double? L0Coefficient { get; init; }

    /// <summary>Active features per token; null where a penalty makes it sparse.</summary>
    public int? K { get; init; }

    /// <summary>Mean number of active features per token.</summary>
    public required double L0 { get; init; }

    /// <summary>1 − Σ‖x − x̂‖² / Σ‖x − mean(x)‖², sums over all tokens.</summary>
    public required double ExplainedVariance { get; init; }

    public required double LossOriginal { get; init; }

    /// <summary>Every activation at the hook point replaced by 0.</summary>
    public required double LossZero { get; init; }

    /// <summary>Every activation at the hook point replaced by its reconstruction.</summary>
    public required double LossSpliced { get; init; }

    /// <summary>(zero − spliced) / (zero − original), ratio of sums.</summary>
    public required double LossRecovered { get; init; }

    /// <summary>Features that fired on none of the evaluation tokens.</summary>
    public required int DeadFeatures { get; init; }

    /// <summary>Features that fired, on a smaller share of tokens than <see cref="UltralowDensityThreshold"/>.</summary>
    public required int UltralowDensityFeatures { get; init; }

    public required double UltralowDensityThreshold { get; init; }

    /// <summary>Tokens the metrics were measured on.</summary>
    public required long EvaluationTokens { get; init; }

    /// <summary>Counts of alive features by log10 density; bin i covers [−10 + i/4, −10 + (i+1)/4), 40 bins up to 0.</summary>
    public required IReadOnlyList<int> DensityHistogram { get; init; }

    /// <summary>Activation vectors seen in training.</summary>
    public required long TokensSeen { get; init; }

    /// <summary>Wall-clock training throughput of this dictionary's own steps, activation vectors per second.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>Features re-seeded in training, all resamplings together.</summary>
    public int ResampledFeatures { get; init; }
}
