using Orchestrator.Abstractions.Analyses;
using Orchestrator.Abstractions.Results;
using Orchestrator.Silo.Devices;

namespace Orchestrator.Silo.Plugins;

/// <summary>Runs an analysis and makes its outcome a result. Failure is data: a result too, with the error.</summary>
public static class AnalysisRunner
{
    private const int MostErrorCharacters = 65_536;
    private const int MostReasonCharacters = 1_000;

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
    /// <exception cref="IOException">The disk is full, which is nobody's fault.</exception>
    /// <exception cref="OutOfMemoryException">Memory ran out; libtorch says so in an exception of its own.</exception>
    public static AnalysisResult Run(
        LoadedAnalysis analysis, IAnalysisContext context, string folder, CancellationToken cancellationToken, AnalysisLimits? limits = null)
    {
        AnalysisOutcome outcome;
        string? error;
        try
        {
            outcome = analysis.Instance.Run(context, cancellationToken);
            error = BrokenPromises(analysis.Manifest, outcome) ?? Excess(outcome, limits ?? AnalysisLimits.Default);
        }
        catch (Exception exception) when (IsItsOwn(exception, cancellationToken))
        {
            File.WriteAllText(Path.Combine(folder, AnalysisOutput.ErrorName), Cut(exception.ToString(), MostErrorCharacters));
            outcome = new AnalysisOutcome(new Dictionary<string, double>(), new Dictionary<string, double>(), "");
            error = Cut($"{exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")}", MostReasonCharacters);
        }

        var result = Result(analysis, context, outcome, error) with { Artefacts = Files(folder) };
        ResultJson.Write(Path.Combine(folder, "result.json"), result);
        return result;
    }

    /// <summary>Not where it was asked to stop, or where disk or memory ran out.</summary>
    private static bool IsItsOwn(Exception exception, CancellationToken cancellationToken) =>
        !FailureClassifier.IsDiskFull(exception) && !FailureClassifier.IsOutOfMemory(exception)
        && (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested);

    /// <summary>What of an outcome is more than people can read; null: nothing.</summary>
    private static string? Excess(AnalysisOutcome outcome, AnalysisLimits limits) =>
        outcome.Verdict?.Length > limits.VerdictCharacters ? $"Its verdict has {outcome.Verdict.Length:N0} characters; {limits.VerdictCharacters:N0} are allowed."
        : outcome.NullMetrics.Count > limits.NullMetrics ? $"It gives {outcome.NullMetrics.Count:N0} null metrics; {limits.NullMetrics:N0} are allowed."
        : null;

    private static string Cut(string text, int most) => text.Length <= most ? text : $"{text[..most]} … ({text.Length:N0} characters)";

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
            Verdict = error is null ? outcome.Verdict ?? "" : "",
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
        return problems.Count == 0 ? null : Cut(string.Join("; ", problems), MostReasonCharacters) + ".";
    }

    private static List<string> Files(string folder) => [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/'))
        .Where(static name => name != "result.json")
        .Order(StringComparer.Ordinal)];
}
