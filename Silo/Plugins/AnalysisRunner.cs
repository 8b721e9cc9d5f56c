using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Results;

namespace Orchestrator.Silo.Plugins;

/// <summary>Runs an analysis and makes its outcome a result. Failure is data: a result too, with the error.</summary>
public static class AnalysisRunner
{
    /// <summary>Runs, then writes <c>result.json</c> beside what the analysis wrote.</summary>
    /// <param name="analysis">From <see cref="PluginHost.Create"/>.</param>
    /// <param name="context">Reads its inputs, writes into <paramref name="folder"/>.</param>
    /// <param name="folder">The stage's work folder, empty before.</param>
    /// <param name="cancellationToken">Stops it between batches.</param>
    /// <returns>
    /// Status <c>completed</c>, or <c>failed</c> where the analysis threw or broke a promise: then every promised metric
    /// that it did not give is NaN, and <see cref="AnalysisResult.Error"/> says what is wrong.
    /// </returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static AnalysisResult Run(LoadedAnalysis analysis, IAnalysisContext context, string folder, CancellationToken cancellationToken)
    {
        AnalysisOutcome outcome;
        string? error;
        try
        {
            outcome = analysis.Instance.Run(context, cancellationToken);
            error = BrokenPromises(analysis.Manifest, outcome);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            File.WriteAllText(Path.Combine(folder, AnalysisOutput.ErrorName), exception.ToString());
            outcome = new AnalysisOutcome(new Dictionary<string, double>(), new Dictionary<string, double>(), "");
            error = $"{exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")}";
        }

        var result = Result(analysis, context, outcome, error) with { Artefacts = Files(folder) };
        ResultJson.Write(Path.Combine(folder, "result.json"), result);
        return result;
    }

    private static AnalysisResult Result(LoadedAnalysis analysis, IAnalysisContext context, AnalysisOutcome outcome, string? error)
    {
        var (plugin, manifest) = (analysis.Plugin.Manifest!, analysis.Manifest);
        return new AnalysisResult
        {
            Kind = manifest.Kind,
            Plugin = plugin.Id,
            PluginVersion = plugin.Version,
            Inputs = [.. context.Dictionaries.Select(static dictionary => dictionary.Id.Value)],
            Status = error is null ? "completed" : "failed",
            Error = error,
            Verdict = outcome.Verdict ?? "",
            Metrics = manifest.Metrics.ToDictionary(
                static metric => metric.Name, metric => outcome.Metrics?.GetValueOrDefault(metric.Name, double.NaN) ?? double.NaN),
            NullMetrics = new SortedDictionary<string, double>(
                outcome.NullMetrics?.ToDictionary() ?? [], StringComparer.Ordinal),
            MetricVersions = manifest.Metrics.ToDictionary(static metric => metric.Name, static metric => metric.Version),
        };
    }

    // All at once; null where every promise is kept.
    private static string? BrokenPromises(AnalysisManifest manifest, AnalysisOutcome? outcome)
    {
        if (outcome?.Metrics is null || outcome.NullMetrics is null)
        {
            return "It returned no metrics.";
        }

        var promised = manifest.Metrics.Select(static metric => metric.Name).ToList();
        var problems = promised.Where(name => !outcome.Metrics.ContainsKey(name)).Select(static name => $"metric {name} is missing")
            .Concat(outcome.Metrics.Where(static metric => !double.IsFinite(metric.Value)).Select(static metric => $"metric {metric.Key} is {metric.Value}"))
            .Concat(outcome.Metrics.Keys.Except(promised).Select(static name => $"metric {name} is not declared"))
            .Concat(outcome.NullMetrics.Where(static metric => !double.IsFinite(metric.Value)).Select(static metric => $"null metric {metric.Key} is {metric.Value}"))
            .Concat(outcome.NullMetrics.Keys
                .Where(name => !promised.Any(metric => name.StartsWith(metric + "_", StringComparison.Ordinal)))
                .Select(static name => $"null metric {name} is of no declared metric"))
            .ToList();
        return problems.Count == 0 ? null : string.Join("; ", problems) + ".";
    }

    private static List<string> Files(string folder) => [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/'))
        .Where(static name => name != "result.json")
        .Order(StringComparer.Ordinal)];
}
