using Orchestrator.Abstractions.Results;

namespace Orchestrator.Unit.Planning;

/// <summary>The result of a dictionary of which only size and architecture matter to a test.</summary>
internal static class PlainResult
{
    public static DictionaryResult Of(int featureCount, string architecture, long tokensSeen = 0, double tokensPerSecond = 0) => new()
    {
        FeatureCount = featureCount,
        Architecture = architecture,
        LossConvention = "unknown",
        L0 = 1,
        ExplainedVariance = 1,
        LossOriginal = 1,
        LossZero = 2,
        LossSpliced = 1,
        LossRecovered = 1,
        DeadFeatures = 0,
        UltralowDensityFeatures = 0,
        UltralowDensityThreshold = 1e-4,
        EvaluationTokens = 1,
        DensityHistogram = [],
        TokensSeen = tokensSeen,
        TokensPerSecond = tokensPerSecond,
    };
}
