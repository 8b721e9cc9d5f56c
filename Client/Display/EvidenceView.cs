using System.Globalization;
using Orchestrator.Contracts.Experiments;
using Orchestrator.Contracts.Features;

namespace Orchestrator.Client.Display;

/// <summary>What processes left behind that a run took down.</summary>
internal static class EvidenceView
{
    /// <summary>Each end with its last lines, and how to try again.</summary>
    public static void Write(Screen screen, StageStatus stage)
    {
        if (stage.Evidence is not { } evidence)
        {
            return;
        }

        screen.Heading(string.Create(CultureInfo.InvariantCulture, $"{stage.Key}: {stage.Label}, from step {evidence.Step} on"));
        foreach (var end in evidence.Ends)
        {
            screen.Line(string.Create(CultureInfo.InvariantCulture, $"{end.At:yyyy-MM-dd HH:mm:ss} UTC, process {end.ProcessId} {end.Text}"));
            foreach (var line in end.LastLines)
            {
                screen.Line($"    {VisibleText.Line(line)}");
            }
        }
    }
}
