using Orchestrator.Abstractions.Results;
using Orchestrator.Contracts.Experiments;

namespace Orchestrator.Client.Display;

/// <summary>What an experiment found, as a person reads it.</summary>
public static class SummaryView
{
    public static void Write(Screen screen, ExperimentSummary summary, string reportPath)
    {
        screen.Heading($"{summary.Experiment}: {summary.Status} in {Numbers.Duration(TimeSpan.FromSeconds(summary.WallSeconds))}, {summary.ComputedStages} stages computed, {summary.CachedStages} cached ({summary.Id})");
        WriteModels(screen, summary);
        WriteDictionaries(screen, summary);
        WriteAnalyses(screen, summary);
        foreach (var failure in summary.Failures)
        {
            screen.Line($"failed: {failure.Stage}: {failure.Reason}");
        }

        screen.Line();
        screen.Line($"report: {reportPath}");
    }

    private static void WriteModels(Screen screen, ExperimentSummary summary)
    {
        if (summary.Models.Count == 0)
        {
            return;
        }

        screen.Heading("Models (loss in nats on held-out tokens)");
        var table = new TextTable("model", "id", ">tokens trained", ">validation loss", ">bigram loss", ">tokens/s");
        foreach (var model in summary.Models)
        {
            table.Add(Name(model), model.Id, Numbers.Count(model.TokensTrained), Numbers.Fraction(model.ValidationLoss), Numbers.Fraction(model.BigramLoss), Numbers.Rate(model.TokensPerSecond));
        }

        screen.Write(table);
    }

    private static void WriteDictionaries(Screen screen, ExperimentSummary summary)
    {
        if (summary.Dictionaries.Count == 0)
        {
            return;
        }

        screen.Heading("Dictionaries");
        var table = new TextTable("model", "id", ">features", ">L0", ">loss recovered", ">explained", ">dead", ">ultralow", ">tokens/s");
        foreach (var d in summary.Dictionaries)
        {
            var model = summary.Models.FirstOrDefault(m => m.Id == d.Model);
            table.Add(model is null ? d.Model : Name(model), d.Id, Numbers.Count(d.FeatureCount), Numbers.L0(d.L0), Numbers.Fraction(d.LossRecovered), Numbers.Fraction(d.ExplainedVariance), Numbers.Count(d.DeadFeatures), Numbers.Count(d.UltralowDensityFeatures), Numbers.Rate(d.TokensPerSecond));
        }

        screen.Write(table);
    }

    private static void WriteAnalyses(Screen screen, ExperimentSummary summary)
    {
        if (summary.Analyses.Count == 0)
        {
            return;
        }

        screen.Heading("Analyses");
        foreach (var analysis in summary.Analyses)
        {
            screen.Line($"{analysis.Kind} on {string.Join(", ", analysis.Inputs)}: {(analysis.Status == "completed" ? analysis.Verdict : $"failed: {analysis.Error}")}");
            foreach (var metric in PairedMetric.Pair(analysis.Metrics, analysis.NullMetrics))
            {
                screen.Line($"  {metric.Name} {(metric.Value is { } value ? Numbers.Any(value) : "–")}, {Nulls(metric)}");
            }
        }
    }

    private static string Nulls(PairedMetric metric) => metric.Nulls.Count == 0
        ? "no null"
        : $"null {string.Join(", ", metric.Nulls.Select(n => $"{n.Key} {Numbers.Any(n.Value)}".TrimStart()))}";

    private static string Name(ModelSummary model) => model.RandomWeights ? "random twin" : $"seed {model.Seed}";
}
