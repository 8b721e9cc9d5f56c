using Orchestrator.Abstractions.Results;

namespace Orchestrator.Grains.Reports.Sections;

/// <summary>Each analysis: what it asks, its verdict, every metric beside its null, figures and first rows of tables.</summary>
internal static class AnalysisSection
{
    public static Markup Draw(ReportContent content) => content.Analyses.Count == 0 ? Markup.Empty : Markup.Of($"""
        <section><h2>Analyses</h2>
        <p class="quiet">Every number stands beside its null: what the same measurement gives on neurons, on a model with random weights, or on shuffled tokens, as the analysis states.</p>
        {content.Analyses.GroupBy(a => a.Summary.Kind).Select(group => Kind(content.Summary, [.. group]))}</section>
        """);

    private static Markup Kind(ExperimentSummary summary, IReadOnlyList<AnalysisContent> analyses) => Markup.Of($"""
        <article><h3 id="analysis-{analyses[0].Summary.Kind}">{analyses[0].Summary.Kind}</h3>
        <p class="quiet">{analyses[0].Question}</p>
        {analyses.Select(analysis => One(summary, analysis))}</article>
        """);

    private static Markup One(ExperimentSummary summary, AnalysisContent analysis)
    {
        var failed = analysis.Summary.Status != "completed";
        var verdict = failed ? $"Failed: {analysis.Summary.Error ?? "no reason given"}" : analysis.Summary.Verdict;
        return Markup.Of($"""
            <p class="verdict{(failed ? " failed" : "")}">{verdict}</p>
            <p class="quiet">On {string.Join("; ", analysis.Summary.Inputs.Select(id => Input(summary, id)))}.</p>
            {Metrics(analysis)}
            {Images(analysis)}
            {analysis.Tables.Select(Table)}
            """);
    }

    private static string Input(ExperimentSummary summary, string id) => summary.Dictionaries.FirstOrDefault(d => d.Id == id) is { } dictionary
        ? $"{Figures.Count(dictionary.FeatureCount)} features on {ModelNames.Of(summary, dictionary.Model)} ({id})"
        : id;

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

    private static Markup Images(AnalysisContent analysis) => analysis.Images.Count == 0 ? Markup.Empty : Markup.Of($"""
        <div class="images">{analysis.Images.Select(Image)}</div>
        """);

    // As an image and not inline: whatever a plugin wrote into its SVG, it is drawn and never run.
    private static Markup Image(EmbeddedImage image) => Markup.Of($"""
        <figure><img alt="Figure {image.Name} of the analysis" src="data:image/svg+xml;base64,{Convert.ToBase64String(image.Svg)}"><figcaption>{image.Name}</figcaption></figure>
        """);

    private static Markup Table(TablePreview table) => Markup.Of($"""
        <details><summary>{table.Name}: {table.RowCount:N0} rows{(table.RowCount > table.Rows.Count ? $", the first {table.Rows.Count}" : "")}</summary><div class="scroll"><table>
        <thead><tr>{table.Columns.Select(column => Markup.Of($"<th scope=\"col\">{column}</th>"))}</tr></thead>
        <tbody>{table.Rows.Select(row => Markup.Of($"<tr>{row.Select(cell => Markup.Of($"<td>{cell}</td>"))}</tr>"))}</tbody></table></div></details>
        """);
}
