namespace Orchestrator.Client.Commands;

/// <summary>Ids may be shortened as long as they stay clear.</summary>
internal static class UniquePrefix
{
    private const int Named = 5;
    private const int MostShown = 80;

    /// <summary>The id that is the text, or the only one that begins with it.</summary>
    /// <param name="what">What the ids are, for messages: <c>dictionary</c>.</param>
    /// <param name="text">As typed.</param>
    /// <param name="ids">All ids.</param>
    /// <exception cref="CommandFailure">None, with the nearest; or more than one, with them.</exception>
    public static string Resolve(string what, string text, IReadOnlyList<string> ids)
    {
        if (ids.Contains(text))
        {
            return text;
        }

        var shown = text.Length > MostShown ? $"{text[..MostShown]}…" : text;
        var matches = ids.Where(id => text.Length > 0 && id.StartsWith(text, StringComparison.Ordinal)).ToList();
        return matches switch
        {
            [var only] => only,
            [] when ids.Count == 0 => throw CommandFailure.Usage($"The store holds no {what} yet."),
            [] => throw CommandFailure.Usage($"There is no {what} '{shown}'; the nearest: {string.Join(", ", Nearest(shown, ids))}."),
            _ => throw CommandFailure.Usage($"'{shown}' is not clear; there are {matches.Count}: {string.Join(", ", matches.Take(Named))}{(matches.Count > Named ? " …" : "")}."),
        };
    }

    private static IEnumerable<string> Nearest(string text, IReadOnlyList<string> ids) =>
        ids.OrderBy(id => Distance(text, id.Length > text.Length ? id[..text.Length] : id)).ThenBy(id => id, StringComparer.Ordinal).Take(Named);

    /// <summary>Levenshtein's edit distance.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
