using Orchestrator.Abstractions.Results;

namespace Orchestrator.Grains.Reports.Sections;

/// <summary>What failed, and why; nothing where nothing did.</summary>
internal static class FailureSection
{
    public static Markup Draw(ExperimentSummary summary) => summary.Failures.Count == 0 ? Markup.Empty : Markup.Of($"""
        <section><h2 class="failed">Failures</h2><div class="scroll"><table><caption>Stages that did not complete; whatever needs them was not computed.</caption>
        <thead><tr><th scope="col">stage</th><th scope="col">reason</th></tr></thead>
        <tbody>{summary.Failures.Select(f => Markup.Of($"<tr><th scope=\"row\">{f.Stage}</th><td>{f.Reason}</td></tr>"))}</tbody></table></div></section>
        """);
}
