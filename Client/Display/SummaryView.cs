using Orchestrator.Abstractions.Results;

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
        WriteStopped(screen, summary);
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
        var table = new TextTable("!model", "!id", ">tokens trained", ">validation loss", ">bigram loss", ">tokens/s");
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

        screen.Heading("Dictionaries (size in features; recovered: share of the loss; explained: of the variance)");
        var table = new TextTable("!model", "!dictionary", ">size", ">L0", ">recovered", ">explained", ">dead", ">ultralow", ">tokens/s");
        foreach (var d in summary.Dictionaries)
        {
            table.Add(ModelName(summary, d), ShortId(d.Id), Numbers.Count(d.FeatureCount), Numbers.L0(d.L0), Numbers.Fraction(d.LossRecovered), Numbers.Fraction(d.ExplainedVariance), Numbers.Count(d.DeadFeatures), Numbers.Count(d.UltralowDensityFeatures), Numbers.Rate(d.TokensPerSecond));
        }

        screen.Write(table);
    }

    /// <summary>The analyses of these dictionaries are only counted: why they are not computed is said with the dictionary.</summary>
    private static void WriteStopped(Screen screen, ExperimentSummary summary)
    {
        var dictionaries = summary.Stopped.Where(stage => stage.Metric is not null).ToList();
        if (dictionaries.Count == 0)
        {
            return;
        }

        var analyses = summary.Stopped.Count - dictionaries.Count;
        screen.Heading(analyses == 0 ? "Stopped early" : $"Stopped early, and with them {Numbers.Count(analyses)} analyses");
        var table = new TextTable("dictionary", "reason");
        foreach (var stopped in dictionaries)
        {
            table.Add(stopped.Stage, stopped.Reason);
        }

        screen.Write(table);
    }

    /// <summary>A verdict names its nulls; all metrics beside theirs would be screens of figures, and stand in the report.</summary>
    private static void WriteAnalyses(Screen screen, ExperimentSummary summary)
    {
        foreach (var kind in summary.Analyses.GroupBy(analysis => analysis.Kind))
        {
            screen.Heading(kind.Key);
            var table = new TextTable("dictionaries", "verdict, beside its nulls");
            foreach (var analysis in kind)
            {
                table.Add(Inputs(summary, analysis), analysis.Status == "completed" ? analysis.Verdict : $"failed: {analysis.Error}");
            }

            screen.Write(table);
        }
    }

    /// <summary><c>seed 1: 512, 1,024; seed 2: 512</c>.</summary>
    private static string Inputs(ExperimentSummary summary, AnalysisSummary analysis)
    {
        var dictionaries = summary.Dictionaries.Where(d => analysis.Inputs.Contains(d.Id)).ToList();
        return dictionaries.Count < analysis.Inputs.Count
            ? string.Join(", ", analysis.Inputs)
            : string.Join("; ", dictionaries.GroupBy(d => ModelName(summary, d)).Select(group => $"{group.Key}: {string.Join(", ", group.Select(d => Name(summary, d)))}"));
    }

    /// <summary>The size, and the id where that does not say which.</summary>
    private static string Name(ExperimentSummary summary, DictionarySummary dictionary) =>
        summary.Dictionaries.Count(d => d.Model == dictionary.Model && d.FeatureCount == dictionary.FeatureCount) > 1
            ? $"{Numbers.Count(dictionary.FeatureCount)} ({ShortId(dictionary.Id)})"
            : Numbers.Count(dictionary.FeatureCount);

    private static string ModelName(ExperimentSummary summary, DictionarySummary dictionary) =>
        summary.Models.FirstOrDefault(m => m.Id == dictionary.Model) is { } model ? Name(model) : dictionary.Model;

    /// <summary>What follows the kind: every verb takes it for the id.</summary>
    private static string ShortId(string id) => id[(id.IndexOf('-', StringComparison.Ordinal) + 1)..];

    /// <summary>Short: the table of dictionaries keeps to 100 columns.</summary>
    private static string Name(ModelSummary model) => model.RandomWeights ? "twin" : $"seed {model.Seed}";
}
