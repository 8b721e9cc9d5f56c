using System.Globalization;
using Orchestrator.Abstractions.Analyses;

namespace Orchestrator.Analyses.Density;

/// <summary>
/// How often each feature fires: densities with their intervals, the histogram of their logarithms, dead features and the
/// ultralow density cluster where there is one (paper, "Metrics"). Nulls: the neurons, and the random twin's dictionary.
/// </summary>
public sealed class DensityAnalysis : IAnalysis
{
    public AnalysisOutcome Run(IAnalysisContext context, CancellationToken cancellationToken)
    {
        var surveys = Surveys(context);
        var maxTokens = context.Options.GetInteger("max_tokens");
        foreach (var batch in context.Tokens(maxTokens))
        {
            cancellationToken.ThrowIfCancellationRequested();
            surveys.ForEach(survey => survey.Read(batch));
            context.Progress(Math.Min(0.95, 0.95 * surveys[0].Tokens / maxTokens));
        }

        var metrics = surveys[0].Metrics();
        metrics["tokens"] = surveys[0].Tokens;
        context.WriteTable("densities", surveys[0].Table());
        context.WriteTable("histogram", Histogram(surveys));
        context.WriteFile("density.svg", DensityFigure.Draw(surveys));
        context.Progress(1);
        return new AnalysisOutcome(metrics, surveys.Skip(1).SelectMany(static survey => survey.Metrics()).ToDictionary(), Verdict(surveys, metrics));
    }

    private static List<DensitySurvey> Surveys(IAnalysisContext context)
    {
        var dictionary = context.Dictionaries[0];
        var twin = context.NearestNull(dictionary.FeatureCount);
        List<DensitySurvey> surveys =
        [
            new DensitySurvey("features", "", context.Features(dictionary)),
            new DensitySurvey("neurons", "_neurons", context.Neurons(dictionary)),
        ];
        return twin is null ? surveys : [.. surveys, new DensitySurvey("random twin", "_random_twin", context.Features(twin))];
    }

    /// <summary>A row for each bin in which any source has a feature.</summary>
    private static AnalysisTable Histogram(IReadOnlyList<DensitySurvey> surveys)
    {
        var bins = Enumerable.Range(0, DensityHistogram.Bins).Where(bin => surveys.Any(survey => survey.Histogram[bin] > 0)).ToList();
        var rows = surveys.SelectMany(survey => bins.Select(bin => (Survey: survey, Bin: bin))).ToList();
        return new AnalysisTable(
        [
            new AnalysisColumn("source", rows.Select(static row => row.Survey.Name).ToArray()),
            new AnalysisColumn("log10_density_from", rows.Select(static row => DensityHistogram.Edge(row.Bin)).ToArray()),
            new AnalysisColumn("log10_density_to", rows.Select(static row => DensityHistogram.Edge(row.Bin + 1)).ToArray()),
            new AnalysisColumn("features", rows.Select(static row => row.Survey.Histogram[row.Bin]).ToArray()),
        ]);
    }

    private static string Verdict(IReadOnlyList<DensitySurvey> surveys, Dictionary<string, double> metrics)
    {
        var medians = string.Join(", ", surveys.Skip(1).Select(static survey => $"{survey.Name} {Number(survey.Metrics()["median_density" + survey.Suffix])}"));
        var cluster = surveys[0].Bound is { } bound
            ? $"{Count(metrics["ultralow_features"])} are in an ultralow density cluster below {Number(bound)}"
            : "no ultralow density cluster shows";
        return $"Median density {Number(metrics["median_density"])} ({medians}); of {Count(surveys[0].FeatureCount)} features {Count(metrics["dead_features"])} never fire on {Count(surveys[0].Tokens)} tokens, {cluster}.";
    }

    private static string Number(double density) => density.ToString("0.0e-0", CultureInfo.InvariantCulture);

    private static string Count(double count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
