using Orchestrator.Abstractions.Results;

namespace Orchestrator.Grains.Reports.Sections;

/// <summary>
/// Each kind of analysis: what it asks, a figure, and a line of verdict for each of its inputs, under which every metric
/// beside its null, the other figures and first rows of tables are folded.
/// </summary>
internal static class AnalysisSection
{
    public static Markup Draw(ReportContent content) => content.Analyses.Count == 0 ? Markup.Empty : Markup.Of($"""
        <section><h2>Analyses</h2>
        <p class="quiet">Every number stands beside its null: what the same measurement gives on neurons, on a model with random weights, or on shuffled tokens, as the analysis states. A line opens to its metrics and tables.</p>
        {content.Analyses.GroupBy(a => a.Summary.Kind).Select(group => Kind(content.Summary, [.. group]))}</section>
        """);

    private static Markup Kind(ExperimentSummary summary, IReadOnlyList<AnalysisContent> analyses)
    {
        var shown = Telling(summary, analyses);
        return Markup.Of($"""
            <article><h3 id="analysis-{analyses[0].Summary.Kind}">{analyses[0].Summary.Kind}</h3>
            <p class="quiet">{analyses[0].Question}</p>
            {(shown is null ? Markup.Empty : Images(shown, InputNames.Describe(summary, shown.Summary)))}
            {analyses.Select(analysis => One(summary, analysis, imagesShown: analysis == shown))}</article>
            """);
    }

    /// <summary>Whose figures stand open: those of the first model's largest dictionary.</summary>
    private static AnalysisContent? Telling(ExperimentSummary summary, IReadOnlyList<AnalysisContent> analyses)
    {
        var models = summary.Models.Select(model => model.Id).ToList();
        return analyses.Where(analysis => analysis.Images.Count > 0)
            .OrderBy(analysis => models.IndexOf(InputNames.Of(summary, analysis.Summary).FirstOrDefault()?.Model ?? ""))
            .ThenByDescending(analysis => InputNames.Of(summary, analysis.Summary).LastOrDefault()?.FeatureCount ?? 0)
            .FirstOrDefault();
    }

    private static Markup One(ExperimentSummary summary, AnalysisContent analysis, bool imagesShown)
    {
        var failed = analysis.Summary.Status != "completed";
        var verdict = failed ? $"Failed: {analysis.Summary.Error ?? "no reason given"}" : analysis.Summary.Verdict;
        return Markup.Of($"""
            <details class="verdict{(failed ? " failed" : "")}"><summary><span class="input">{InputNames.Describe(summary, analysis.Summary)}</span> {verdict}</summary>
            <p class="quiet">On {analysis.Summary.Inputs.Select((id, i) => Markup.Of($"{(i == 0 ? "" : ", ")}<code>{id}</code>"))}.</p>
            {Metrics(analysis)}
            {(imagesShown ? Markup.Empty : Images(analysis, ""))}
            {analysis.Tables.Select(Table)}</details>
            """);
    }

    private static Markup Metrics(AnalysisContent analysis)
    {
        if (analysis.Metrics.Count == 0)
        {
            return Markup.Empty;
        }

        var nulls = analysis.Metrics.SelectMany(line => line.Metric.Nulls).Select(n => n.Key).Distinct().ToList();
        return Markup.Of($"""
            <div class="scroll"><table><thead><tr><th scope="col">metric</th><th scope="col" class="n">value</th>{nulls.Select(name => Markup.Of($"<th scope=\"col\" class=\"n\">{$"null: {name}".TrimEnd(':', ' ')}</th>"))}<th scope="col">unit</th><th scope="col">definition</th></tr></thead>
            <tbody>{analysis.Metrics.Select(line => Metric(line, nulls))}</tbody></table></div>
            """);
    }

    private static Markup Metric(MetricLine line, IReadOnlyList<string> nulls) => Markup.Of($"""
        <tr><th scope="row"><code>{line.Metric.Name}</code></th><td class="n"><strong>{Value(line.Metric.Value)}</strong></td>{nulls.Select(name => Markup.Of($"<td class=\"n\">{Value(Null(line, name))}</td>"))}<td>{line.Unit}</td><td class="quiet">{line.Description}{(line.Version is { } version ? $" (definition {version})" : "")}</td></tr>
        """);

    private static double? Null(MetricLine line, string name) =>
        line.Metric.Nulls.Where(n => n.Key == name).Select(n => (double?)n.Value).FirstOrDefault();

    private static string Value(double? value) => value is { } number ? Figures.Any(number) : "–";

    private static Markup Images(AnalysisContent analysis, string input) => analysis.Images.Count == 0 ? Markup.Empty : Markup.Of($"""
        <div class="images">{analysis.Images.Select(image => Image(image, input))}</div>
        """);

    // As an image and not inline: whatever a plugin wrote into its SVG, it is drawn and never run.
    private static Markup Image(EmbeddedImage image, string input) => Markup.Of($"""
        <figure><img alt="Figure {image.Name} of the analysis" src="data:image/svg+xml;base64,{Convert.ToBase64String(image.Svg)}"><figcaption>{image.Name}{(input.Length == 0 ? "" : $", {input}")}</figcaption></figure>
        """);

    private static Markup Table(TablePreview table) => Markup.Of($"""
        <details><summary>{table.Name}: {table.RowCount:N0} rows{(table.RowCount > table.Rows.Count ? $", the first {table.Rows.Count}" : "")}</summary><div class="scroll"><table>
        <thead><tr>{table.Columns.Select(column => Markup.Of($"<th scope=\"col\">{column}</th>"))}</tr></thead>
        <tbody>{table.Rows.Select(row => Markup.Of($"<tr>{row.Select(cell => Markup.Of($"<td>{cell}</td>"))}</tr>"))}</tbody></table></div></details>
        """);
}
