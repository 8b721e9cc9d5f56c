using System.Globalization;
using System.Text;

namespace Orchestrator.Contracts.Features;

/// <summary>
/// Text of a corpus as people can read it. A corpus may hold anything, so line breaks, control characters, terminal
/// escapes and characters that reorder the line are shown as signs and never acted upon.
/// </summary>
public static class VisibleText
{
    /// <summary>A token by itself: spaces are shown too (<c>·the</c>).</summary>
    public static string Token(string text) => text.Length == 0 ? "∅" : Show(text, showSpaces: true);

    /// <summary>Running text on one line: spaces stay spaces, a line break is <c>⏎</c>.</summary>
    public static string Line(string text) => Show(text, showSpaces: false);

    private static string Show(string text, bool showSpaces)
    {
        var shown = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            Append(shown, rune, showSpaces);
        }

        return shown.ToString();
    }

    private static void Append(StringBuilder shown, Rune rune, bool showSpaces)
    {
        switch (rune.Value)
        {
            case ' ':
                shown.Append(showSpaces ? '·' : ' ');
                break;
            case '\n':
                shown.Append('⏎');
                break;
            case '\r':
                shown.Append('␍');
                break;
            case '\t':
                shown.Append('⇥');
                break;
            default:
                if (IsInvisible(rune))
                {
                    shown.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:X4}}}");
                }
                else
                {
                    shown.Append(rune);
                }

                break;
        }
    }

    // Control: C0, C1, escapes. Format: zero width, direction overrides. Separators other than the space look like one.
    private static bool IsInvisible(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.PrivateUse or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.SpaceSeparator;
}
