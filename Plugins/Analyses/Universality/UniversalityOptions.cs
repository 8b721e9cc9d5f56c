using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Analyses.Universality;

/// <summary>The options that <c>plugin.json</c> declares.</summary>
internal sealed record UniversalityOptions(long MaxTokens, long MinFirings)
{
    public static UniversalityOptions From(AnalysisOptions options) =>
        new(options.GetInteger("max_tokens"), options.GetInteger("min_firings"));
}
