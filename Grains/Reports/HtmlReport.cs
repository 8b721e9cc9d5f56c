using System.Globalization;
using Orchestrator.Grains.Reports.Sections;

namespace Orchestrator.Grains.Reports;

/// <summary>
/// One self-contained page: no script, and a policy that forbids every external resource, so that it reads the same in
/// ten years and no token of a corpus can make it do anything.
/// </summary>
internal static class HtmlReport
{
    public static string Render(ReportContent content) => Markup.Of($"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
        <meta name="color-scheme" content="light dark">
        <title>{content.Summary.Experiment} – Orchestrator</title>
        {ReportStyle.Element}
        </head>
        <body>
        <main>
        {Header(content)}
        {FailureSection.Draw(content.Summary)}
        {ModelSection.Draw(content.Summary)}
        {DictionarySection.Draw(content.Summary)}
        {StoppedSection.Draw(content.Summary)}
        {AnalysisSection.Draw(content)}
        {FeatureSection.Draw(content.Examples)}
        {StageSection.Draw(content)}
        {DefinitionSection.Draw()}
        </main>
        {Footer(content)}
        </body>
        </html>

        """).ToString();

    private static Markup Header(ReportContent content)
    {
        var summary = content.Summary;
        return Markup.Of($"""
            <header>
            <h1>{summary.Experiment}</h1>
            <p class="id"><span class="status {summary.Status}">{summary.Status}</span> <code>{summary.Id}</code></p>
            <dl class="facts">
            <div><dt>wall time</dt><dd>{Figures.Duration(summary.WallSeconds)}</dd></div>
            <div><dt>stages computed</dt><dd>{summary.ComputedStages}</dd></div>
            <div><dt>stages from the store</dt><dd>{summary.CachedStages}</dd></div>
            <div><dt>models</dt><dd>{summary.Models.Count}</dd></div>
            <div><dt>dictionaries</dt><dd>{summary.Dictionaries.Count}</dd></div>
            <div><dt>analyses</dt><dd>{summary.Analyses.Count}</dd></div>
            </dl>
            </header>
            """);
    }

    private static Markup Footer(ReportContent content) => Markup.Of($"""
        <footer><p>Written {content.WrittenAt.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC.
        {content.Versions.Select(version => Markup.Of($"<span class=\"version\">{version.Key} {version.Value}</span> "))}</p></footer>
        """);
}
