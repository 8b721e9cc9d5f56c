using System.Globalization;
using System.Text;

namespace Orchestrator.Planning.Specs.Yaml;

/// <summary>Other people's text and numbers as messages show them: short, on one line, without terminal control codes.</summary>
internal static class Shown
{
    private const int MaxLength = 48;

    public static string Quoted(string text) => $"'{Text(text)}'";

    public static string Text(string text)
    {
        var shown = new StringBuilder();
        foreach (var rune in text.EnumerateRunes().Take(MaxLength))
        {
            var hidden = Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune)
                is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            shown.Append(hidden ? string.Create(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}") : rune.ToString());
        }

        return text.Length > MaxLength ? shown.Append('…').ToString() : shown.ToString();
    }

    /// <summary>A library's message: whole, but on one line.</summary>
    public static string OneLine(string message) => message.ReplaceLineEndings(" ").Trim();

    public static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Number(double value) =>
        value.ToString(value != 0 && Math.Abs(value) < 1e-4 ? "0.################e-0" : "R", CultureInfo.InvariantCulture);

    public static string OneOf(IEnumerable<string> names)
    {
        var all = names.ToList();
        return all.Count == 0 ? "none" : string.Join(", ", all.Select(Text));
    }
}
