using System.Text.RegularExpressions;
using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Analyses.Proxies;

/// <summary>The options that <c>plugin.json</c> declares.</summary>
internal sealed record ProxiesOptions(
    long MaxTokens,
    long MinTokens,
    bool RankByF1,
    int TopFeatures,
    double StringThreshold,
    IReadOnlyList<KeyValuePair<string, Regex>> Patterns,
    long CacheBytes)
{
    public static ProxiesOptions From(AnalysisOptions options) => new(
        options.GetInteger("max_tokens"),
        options.GetInteger("min_tokens"),
        options.GetText("rank_by") == "f1",
        (int)options.GetInteger("top_features"),
        options.GetNumber("string_threshold"),
        options.GetPatterns("patterns"),
        options.GetInteger("cache_mebibytes") * 1024 * 1024);
}
