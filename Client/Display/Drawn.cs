using Spectre.Console;

namespace Orchestrator.Client.Display;

/// <summary>Plain text for Spectre.Console: as it stands, never parsed as markup.</summary>
internal static class Drawn
{
    public static Spectre.Console.Text Plain(string text, Style? style = null) => new(text, style);
}
