using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Analyses.FeatureSplitting;

/// <summary>The options that <c>plugin.json</c> declares.</summary>
internal sealed record FeatureSplittingOptions(long MaxTokens, double Threshold, double MinDecoderCosine, long MinFirings, int Trees)
{
    public static FeatureSplittingOptions From(AnalysisOptions options) => new(
        options.GetInteger("max_tokens"),
        options.GetNumber("threshold"),
        options.GetNumber("min_decoder_cosine"),
        options.GetInteger("min_firings"),
        (int)options.GetInteger("trees"));
}
