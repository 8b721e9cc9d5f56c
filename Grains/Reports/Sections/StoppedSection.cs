using Orchestrator.Abstractions.Results;
using Orchestrator.Abstractions.Stages;

namespace Orchestrator.Grains.Reports.Sections;

/// <summary>What was stopped early, and how it stood at each rung; nothing where nothing was.</summary>
internal static class StoppedSection
{
    public static Markup Draw(ExperimentSummary summary) => summary.Stopped.Count == 0 ? Markup.Empty : Markup.Of($"""
        <section><h2>Stopped early</h2><div class="scroll"><table><caption>Dictionaries that others on their model were better than, and analyses of them. They were not trained to their end, and have no result.</caption>
        <thead><tr><th scope="col">stage</th><th scope="col">at rungs</th><th scope="col">reason</th></tr></thead>
        <tbody>{summary.Stopped.Select(Row)}</tbody></table></div></section>
        """);

    private static Markup Row(StoppedStage stage) => Markup.Of($"""
        <tr><th scope="row">{stage.Stage}</th><td>{string.Join("; ", stage.Rungs.Select(rung => Place(stage, rung)))}</td><td>{stage.Reason}</td></tr>
        """);

    private static string Place(StoppedStage stage, RungPlacing rung) =>
        $"{EarlyStop.Percent(rung.Rung)}: {stage.Metric} {Figures.Measured(rung.Value, "G4")}, {rung.Rank} of {rung.Ranked}";
}
