using Orchestrator.Abstractions.Results;
using Orchestrator.Numerics.Dictionaries;

namespace Orchestrator.Numerics.Metrics;

/// <summary>What an evaluation measured of one dictionary; definitions as in <see cref="DictionaryResult"/>.</summary>
public sealed record DictionaryEvaluation
{
    public required SparseDictionary Dictionary { get; init; }

    public required double L0 { get; init; }

    public required double L1 { get; init; }

    /// <summary>Mean over elements and tokens.</summary>
    public required double MeanSquaredError { get; init; }

    public required double ExplainedVariance { get; init; }

    public required double CosineSimilarity { get; init; }

    public required double L2Ratio { get; init; }

    public required double RelativeReconstructionBias { get; init; }

    public required double LossOriginal { get; init; }

    public required double LossZero { get; init; }

    public required double LossSpliced { get; init; }

    public required double LossRecovered { get; init; }

    public required double KlZero { get; init; }

    public required double KlSpliced { get; init; }

    public required double KlRecovered { get; init; }

    public required int DeadFeatures { get; init; }

    public required int UltralowDensityFeatures { get; init; }

    public required double UltralowDensityThreshold { get; init; }

    public required double FeaturesAboveOnePercent { get; init; }

    public required double FeaturesAboveTenPercent { get; init; }

    public required double MeanMaxDecoderCosine { get; init; }

    public required long Tokens { get; init; }

    public required IReadOnlyList<int> DensityHistogram { get; init; }

    /// <summary>One row for each feature, in order.</summary>
    public required List<FeatureRow> Features { get; init; }

    /// <summary>The dictionary's <c>result.json</c>.</summary>
    /// <param name="tokensSeen">Activation vectors seen in training.</param>
    /// <param name="tokensPerSecond">Of its own steps.</param>
    /// <param name="resampledFeatures">Features re-seeded in training.</param>
    public DictionaryResult ToResult(long tokensSeen, double tokensPerSecond, int resampledFeatures) => new()
    {
        MetricsVersion = DictionaryResult.CurrentMetricsVersion,
        FeatureCount = Dictionary.FeatureCount,
        Architecture = Dictionary.Definition.Architecture,
        LossConvention = Dictionary.LossConvention,
        L1Coefficient = Dictionary.Definition.L1Coefficient,
        L0Coefficient = Dictionary.Definition.L0Coefficient,
        K = Dictionary.Definition.K,
        L0 = L0,
        L1 = L1,
        MeanSquaredError = MeanSquaredError,
        ExplainedVariance = ExplainedVariance,
        CosineSimilarity = CosineSimilarity,
        L2Ratio = L2Ratio,
        RelativeReconstructionBias = RelativeReconstructionBias,
        LossOriginal = LossOriginal,
        LossZero = LossZero,
        LossSpliced = LossSpliced,
        LossRecovered = LossRecovered,
        KlZero = KlZero,
        KlSpliced = KlSpliced,
        KlRecovered = KlRecovered,
        DeadFeatures = DeadFeatures,
        UltralowDensityFeatures = UltralowDensityFeatures,
        UltralowDensityThreshold = UltralowDensityThreshold,
        FeaturesAboveOnePercent = FeaturesAboveOnePercent,
        FeaturesAboveTenPercent = FeaturesAboveTenPercent,
        MeanMaxDecoderCosine = MeanMaxDecoderCosine,
        EvaluationTokens = Tokens,
        DensityHistogram = DensityHistogram,
        ImportedFrom = Dictionary.ImportedFrom,
        TokensSeen = tokensSeen,
        TokensPerSecond = tokensPerSecond,
        ResampledFeatures = resampledFeatures,
    };
}
