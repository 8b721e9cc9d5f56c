using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Analyses.FiniteStateAutomata;

/// <summary>The options that <c>plugin.json</c> declares.</summary>
internal sealed record FiniteStateAutomataOptions(
    long MaxTokens, int RaisedTokens, int MinSupport, double MinLift, double ConfidenceZ, int EdgesPerNode)
{
    public static FiniteStateAutomataOptions From(AnalysisOptions options) => new(
        options.GetInteger("max_tokens"),
        (int)options.GetInteger("raised_tokens"),
        (int)options.GetInteger("min_support"),
        options.GetNumber("min_lift"),
        options.GetNumber("confidence_z"),
        (int)options.GetInteger("edges_per_node"));
}
