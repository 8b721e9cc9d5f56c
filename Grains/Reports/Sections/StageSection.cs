using Orchestrator.Grains.Experiments;

namespace Orchestrator.Grains.Reports.Sections;

/// <summary>Every stage, in the order of the plan, and the spec that asked for them.</summary>
internal static class StageSection
{
    public static Markup Draw(ReportContent content) => Markup.Of($"""
        <section><h2>Stages</h2><details><summary>{content.Stages.Count} stages in the order of the plan</summary><div class="scroll"><table>
        <thead><tr><th scope="col">stage</th><th scope="col">artefact</th><th scope="col">state</th></tr></thead>
        <tbody>{content.Stages.Select(Row)}</tbody></table></div></details>
        <details><summary>the spec</summary><pre class="mono">{content.SpecText}</pre></details></section>
        """);

    private static Markup Row(FinishedStage stage)
    {
        var phase = stage.Phase.ToString().ToLowerInvariant();
        return Markup.Of($"""
            <tr><th scope="row">{stage.Label}</th><td><code>{stage.Key.Value}</code></td><td class="{phase}">{phase}</td></tr>
            """);
    }
}
