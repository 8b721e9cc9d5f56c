namespace Orchestrator.Planning.Specs.Schema;

/// <summary>Finds the name somebody probably meant.</summary>
internal static class NearestName
{
    private const int MaxLength = 64;

    /// <summary>
    /// The candidate at the smallest edit distance (insert, delete, replace, swap neighbours; case and dashes for
    /// underscores are free), of at most a third of the name's length; null where none is so near.
    /// </summary>
    public static string? Of(string name, IEnumerable<string> candidates)
    {
        if (name.Length is 0 or > MaxLength)
        {
            return null;
        }

        var folded = Fold(name);
        return candidates
            .Where(candidate => candidate.Length <= MaxLength)
            .Select(candidate => (Name: candidate, Distance: Distance(folded, Fold(candidate))))
            .Where(candidate => candidate.Distance <= Math.Max(1, Math.Max(folded.Length, candidate.Name.Length) / 3))
            .OrderBy(candidate => candidate.Distance)
            .Select(candidate => candidate.Name)
            .FirstOrDefault();
    }

    private static string Fold(string name) => name.ToLowerInvariant().Replace('-', '_');

    private static int Distance(string a, string b)
    {
        var table = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                table[i, j] = i == 0 ? j : j == 0 ? i : Best(i, j);
            }
        }

        return table[a.Length, b.Length];

        int Best(int i, int j)
        {
            var best = Math.Min(
                Math.Min(table[i - 1, j], table[i, j - 1]) + 1,
                table[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
            var swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            return swapped ? Math.Min(best, table[i - 2, j - 2] + 1) : best;
        }
    }
}
