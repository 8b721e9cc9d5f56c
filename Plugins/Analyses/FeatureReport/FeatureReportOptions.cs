using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Analyses.FeatureReport;

/// <summary>The options that <c>plugin.json</c> declares.</summary>
internal sealed record FeatureReportOptions(
    long MaxTokens, int ContextsPerInterval, int Window, int TopLogits, long MinTopFirings, long CacheBytes)
{
    public static FeatureReportOptions From(AnalysisOptions options) => new(
        options.GetInteger("max_tokens"),
        (int)options.GetInteger("contexts_per_interval"),
        (int)options.GetInteger("window"),
        (int)options.GetInteger("top_logits"),
        options.GetInteger("min_top_firings"),
        options.GetInteger("cache_mebibytes") * 1024 * 1024);
}
