using Orchestrator.Abstractions.Results;
using Orchestrator.Grains.Reports.Charts;

namespace Orchestrator.Grains.Reports.Sections;

/// <summary>The trade-off, the numbers behind it, and how densely features fire.</summary>
internal static class DictionarySection
{
    public static Markup Draw(ExperimentSummary summary) => summary.Dictionaries.Count == 0 ? Markup.Empty : Markup.Of($"""
        <section><h2>Dictionaries</h2>
        <div class="overview"><div><h3>What they recover</h3>
        {TradeOffChart.Draw(summary)}</div>
        <div><h3>How densely features fire</h3>
        <p class="quiet">Share of a dictionary's features by log10 of the share of tokens on which they fire. Dead features have no density and stand below each picture.</p>
        {DensityCharts.Draw(summary)}</div></div>
        <div class="scroll"><table>
        <caption>Measured on held-out tokens; losses in nats. – where the model loses nothing without the activation, as a random twin may, so that there is nothing to recover. Definitions at the end of the page; – too where a result is older than the metric.</caption>
        <thead><tr><th scope="col">model</th><th scope="col" class="n">features</th><th scope="col" class="n">sparsity</th><th scope="col" class="n">L0</th><th scope="col" class="n">L1</th><th scope="col" class="n">loss recovered</th><th scope="col" class="n">KL</th><th scope="col" class="n">explained variance</th><th scope="col" class="n">cosine</th><th scope="col" class="n">loss</th><th scope="col" class="n">spliced</th><th scope="col" class="n">zero</th><th scope="col" class="n">dead</th><th scope="col" class="n">ultralow</th><th scope="col" class="n">tokens seen</th><th scope="col" class="n">tokens/s</th><th scope="col">dictionary</th></tr></thead>
        <tbody>{Ordered(summary).Select(d => Row(summary, d))}</tbody></table></div>
        {Details(summary)}</section>
        """);

    /// <summary>What is looked up rather than compared at a glance, folded away; empty where nothing of it was measured.</summary>
    private static Markup Details(ExperimentSummary summary) => summary.Dictionaries.All(d => d.MetricsVersion < 2) ? Markup.Empty : Markup.Of($"""
        <details><summary>shrinkage, divergences and densities</summary><div class="scroll"><table>
        <thead><tr><th scope="col">model</th><th scope="col" class="n">features</th><th scope="col" class="n">sparsity</th><th scope="col" class="n">mean squared error</th><th scope="col" class="n">L2 ratio</th><th scope="col" class="n">reconstruction bias</th><th scope="col" class="n">KL recovered</th><th scope="col" class="n">KL, zero</th><th scope="col" class="n">above 1 %</th><th scope="col" class="n">above 10 %</th><th scope="col" class="n">decoder cosine</th><th scope="col">dictionary</th></tr></thead>
        <tbody>{Ordered(summary).Select(d => DetailRow(summary, d))}</tbody></table></div></details>
        """);

    private static IEnumerable<DictionarySummary> Ordered(ExperimentSummary summary)
    {
        var models = summary.Models.Select(m => m.Id).ToList();
        return summary.Dictionaries.OrderBy(d => models.IndexOf(d.Model)).ThenBy(d => d.Architecture, StringComparer.Ordinal).ThenBy(d => d.FeatureCount).ThenBy(d => d.K ?? d.L0Coefficient ?? d.L1Coefficient);
    }

    /// <summary>The sparsity, and the architecture where there are several.</summary>
    private static string Kind(ExperimentSummary summary, DictionarySummary d) =>
        summary.Dictionaries.DistinctBy(other => other.Architecture).Count() > 1 ? $"{d.Architecture}, {d.Sparsity}" : d.Sparsity;

    private static Markup Row(ExperimentSummary summary, DictionarySummary d) => Markup.Of($"""
        <tr><th scope="row">{ModelNames.Of(summary, d.Model)}</th><td class="n">{Figures.Count(d.FeatureCount)}</td><td class="n">{Kind(summary, d)}</td><td class="n"><strong>{Figures.L0(d.L0)}</strong></td><td class="n">{Figures.Measured(d.L1, "F1")}</td><td class="n"><strong>{Figures.LossRecovered(d)}</strong></td><td class="n">{Figures.Measured(d.KlSpliced, "F3")}</td><td class="n">{Figures.Share(d.ExplainedVariance)}</td><td class="n">{Figures.Measured(d.CosineSimilarity, "F3")}</td><td class="n">{Figures.Loss(d.LossOriginal)}</td><td class="n">{Figures.Loss(d.LossSpliced)}</td><td class="n">{Figures.Loss(d.LossZero)}</td><td class="n">{Figures.Count(d.DeadFeatures)}</td><td class="n">{Figures.Count(d.UltralowDensityFeatures)}</td><td class="n">{Figures.Count(d.TokensSeen)}</td><td class="n">{Figures.Rate(d.TokensPerSecond)}</td><td><code title="{d.Id}">{d.Id.Split('-')[^1]}</code></td></tr>
        """);

    private static Markup DetailRow(ExperimentSummary summary, DictionarySummary d) => Markup.Of($"""
        <tr><th scope="row">{ModelNames.Of(summary, d.Model)}</th><td class="n">{Figures.Count(d.FeatureCount)}</td><td class="n">{Kind(summary, d)}</td><td class="n">{Figures.Measured(d.MeanSquaredError, "G3")}</td><td class="n">{Figures.Measured(d.L2Ratio, "F3")}</td><td class="n">{Figures.Measured(d.RelativeReconstructionBias, "F3")}</td><td class="n">{Figures.Measured(d.KlRecovered, "F3")}</td><td class="n">{Figures.Measured(d.KlZero, "F3")}</td><td class="n">{Figures.Measured(d.FeaturesAboveOnePercent, "P1")}</td><td class="n">{Figures.Measured(d.FeaturesAboveTenPercent, "P1")}</td><td class="n">{Figures.Measured(d.MeanMaxDecoderCosine, "F3")}</td><td><code title="{d.Id}">{d.Id.Split('-')[^1]}</code></td></tr>
        """);
}
