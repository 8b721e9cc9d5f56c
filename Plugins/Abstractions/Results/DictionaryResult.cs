namespace Orchestrator.Abstractions.Results;

/// <summary>
/// <c>result.json</c> of a dictionary: metrics over the evaluation tokens; losses and divergences in nats. x is what the
/// dictionary reconstructs (its input or, of a transcoder, its target), x̂ what it makes of it.
/// </summary>
public sealed record DictionaryResult
{
    /// <summary>The version of newly measured results.</summary>
    public const int CurrentMetricsVersion = 2;

    /// <summary>Version of the metric definitions below. What is marked as of version 2 is null in results of version 1.</summary>
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

    /// <summary>Mean over tokens of the sum of feature activations. Of version 2.</summary>
    public double? L1 { get; init; }

    /// <summary>Mean over elements and tokens of (x − x̂)². Of version 2.</summary>
    public double? MeanSquaredError { get; init; }

    /// <summary>1 − Σ‖x − x̂‖² / Σ‖x − mean(x)‖², sums over all tokens.</summary>
    public required double ExplainedVariance { get; init; }

    /// <summary>Mean over tokens of the cosine of x and x̂; of two zero vectors 1, of one 0. Of version 2.</summary>
    public double? CosineSimilarity { get; init; }

    /// <summary>Mean over tokens of ‖x̂‖ / ‖x‖; an x shorter than 10⁻⁴ is divided by 1 instead. Of version 2.</summary>
    public double? L2Ratio { get; init; }

    /// <summary>Σ‖x̂‖² / Σ x · x̂ over all tokens: below 1 where reconstructions shrink. Of version 2.</summary>
    public double? RelativeReconstructionBias { get; init; }

    public required double LossOriginal { get; init; }

    /// <summary>Every activation at the hook point replaced by 0.</summary>
    public required double LossZero { get; init; }

    /// <summary>Every activation at the hook point replaced by its reconstruction.</summary>
    public required double LossSpliced { get; init; }

    /// <summary>(zero − spliced) / (zero − original), ratio of sums.</summary>
    public required double LossRecovered { get; init; }

    /// <summary>Mean over predicted tokens of KL(original ‖ with 0 at the hook point). Of version 2.</summary>
    public double? KlZero { get; init; }

    /// <summary>Mean over predicted tokens of KL(original ‖ with the reconstruction at the hook point). Of version 2.</summary>
    public double? KlSpliced { get; init; }

    /// <summary>1 − spliced / zero, ratio of sums. Of version 2.</summary>
    public double? KlRecovered { get; init; }

    /// <summary>Features that fired on none of the evaluation tokens.</summary>
    public required int DeadFeatures { get; init; }

    /// <summary>Features that fired, on a smaller share of tokens than <see cref="UltralowDensityThreshold"/>.</summary>
    public required int UltralowDensityFeatures { get; init; }

    public required double UltralowDensityThreshold { get; init; }

    /// <summary>Share of all features that fire on more than 1 % of the tokens. Of version 2.</summary>
    public double? FeaturesAboveOnePercent { get; init; }

    /// <summary>Share of all features that fire on more than 10 % of the tokens. Of version 2.</summary>
    public double? FeaturesAboveTenPercent { get; init; }

    /// <summary>Mean over features of the greatest cosine of its decoder direction with another's. Of version 2.</summary>
    public double? MeanMaxDecoderCosine { get; init; }

    /// <summary>Tokens the metrics were measured on.</summary>
    public required long EvaluationTokens { get; init; }

    /// <summary>Counts of alive features by log10 density; bin i covers [−10 + i/4, −10 + (i+1)/4), 40 bins up to 0.</summary>
    public required IReadOnlyList<int> DensityHistogram { get; init; }

    /// <summary>The tool whose files it comes from, and what they say; null: trained here.</summary>
    public string? ImportedFrom { get; init; }

    /// <summary>Activation vectors seen in training; 0 of an imported one, where it is not known.</summary>
    public required long TokensSeen { get; init; }

    /// <summary>Wall-clock training throughput of this dictionary's own steps, activation vectors per second; 0 of an imported one.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>Features re-seeded in training, all resamplings together.</summary>
    public int ResampledFeatures { get; init; }
}
