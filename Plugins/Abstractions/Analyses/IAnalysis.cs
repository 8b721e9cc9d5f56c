namespace Orchestrator.Abstractions.Analyses;

/// <summary>
/// A question asked of trained dictionaries. Loaded from a plugin folder whose <c>plugin.json</c> (see
/// <see cref="PluginManifest"/>) declares its kind, inputs, options and metrics; needs a constructor without parameters.
/// </summary>
/// <remarks>
/// Runs synchronously on the device thread of a GPU silo. Look at the token between batches. An exception is data: every
/// metric that the manifest promises is then reported as missing, with the error.
/// </remarks>
public interface IAnalysis
{
    /// <summary>Answers the question for features and, in the same way, for its nulls.</summary>
    AnalysisOutcome Run(IAnalysisContext context, CancellationToken cancellationToken);
}

/// <summary>What an analysis found.</summary>
/// <param name="Metrics">Every metric that the manifest declares, by name.</param>
/// <param name="NullMetrics">The same measured on nulls, named <c>{metric}_{null}</c>, for example
/// <c>median_best_correlation_neurons</c> or <c>median_best_correlation_random_twin</c>.</param>
/// <param name="Verdict">One sentence for people, with the numbers and their null.</param>
public sealed record AnalysisOutcome(
    IReadOnlyDictionary<string, double> Metrics,
    IReadOnlyDictionary<string, double> NullMetrics,
    string Verdict);
