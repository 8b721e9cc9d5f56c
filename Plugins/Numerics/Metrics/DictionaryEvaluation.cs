using Orchestrator.Abstractions.Results;
using Orchestrator.Numerics.Dictionaries;

namespace Orchestrator.Numerics.Metrics;

/// <summary>What an evaluation measured of one dictionary; definitions as in <see cref="DictionaryResult"/>.</summary>
public sealed record DictionaryEvaluation
{
    public required SparseDictionary Dictionary { get; init; }

    public required double L0 { get; init; }

    /// <summary>Mean over elements and tokens.</summary>
    public required double MeanSquaredError { get; init; }

    public required double ExplainedVariance { get; init; }

    public required double LossOriginal { get; init; }

    public required double LossZero { get; init; }

    public required double LossSpliced { get; init; }

    public required double LossRecovered { get; init; }

    public required int DeadFeatures { get; init; }

    public required int UltralowDensityFeatures { get; init; }

    public required double UltralowDensityThreshold { get; init; }

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
        FeatureCount = Dictionary.FeatureCount,
        Architecture = Dictionary.Definition.Architecture,
        LossConvention = Dictionary.LossConvention,
        L1Coefficient = Dictionary.Definition.L1Coefficient,
        L0Coefficient = Dictionary.Definition.L0Coefficient,
        K = Dictionary.Definition.K,
        L0 = L0,
        ExplainedVariance = ExplainedVariance,
        LossOriginal = LossOriginal,
        LossZero = LossZero,
        LossSpliced = LossSpliced,
        LossRecovered = LossRecovered,
        DeadFeatures = DeadFeatures,
        UltralowDensityFeatures = UltralowDensityFeatures,
        UltralowDensityThreshold = UltralowDensityThreshold,
        EvaluationTokens = Tokens,
        DensityHistogram = DensityHistogram,
        TokensSeen = tokensSeen,
        TokensPerSecond = tokensPerSecond,
        ResampledFeatures = resampledFeatures,
    };
}
