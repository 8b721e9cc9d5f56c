namespace Orchestrator.Numerics.Formats;

/// <summary>What messages quote of a file: it may hold names of any length and number.</summary>
internal static class Excerpt
{
    private const int MaxNames = 40;
    private const int MaxCharacters = 120;

    /// <summary>The names in order, the first ones where there are many.</summary>
    public static string Names(IReadOnlyCollection<string> names)
    {
        if (names.Count == 0)
            return "none";
        var shown = string.Join(", ", names.Order(StringComparer.Ordinal).Take(MaxNames).Select(Text));
        return names.Count > MaxNames ? $"{shown} and {names.Count - MaxNames} more" : shown;
    }

    /// <summary>The text, cut where it is long, without what could disturb a terminal.</summary>
    public static string Text(string text)
    {
        var shown = text.Length > MaxCharacters ? $"{text[..MaxCharacters]}… ({text.Length} characters)" : text;
        return shown.Any(char.IsControl) ? string.Concat(shown.Select(c => char.IsControl(c) ? '\uFFFD' : c)) : shown;
    }
}
