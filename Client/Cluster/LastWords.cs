namespace Orchestrator.Client.Cluster;

/// <summary>Which of a dead process' last lines say why it died.</summary>
internal static class LastWords
{
    private const int Most = 20;
    private const int MostCharacters = 500;

    /// <summary>How runtimes and libraries begin their last message; what follows is mostly a stack.</summary>
    private static readonly string[] Errors =
    [
        "terminate called", "what():", "Process terminated", "Unhandled exception", "Fatal error", "Out of memory", "Stack overflow",
        "free():", "malloc():", "double free", "corrupted ", "Assertion ", "CUDA error", "Aborted", "Segmentation fault",
    ];

    /// <summary>From the first of the last errors on, or the last lines; each cut to a length for people.</summary>
    public static IReadOnlyList<string> Of(IReadOnlyCollection<string> lines)
    {
        var all = lines.Where(line => !string.IsNullOrWhiteSpace(line)).ToList();
        var first = all.FindIndex(line => Errors.Any(error => line.TrimStart().StartsWith(error, StringComparison.OrdinalIgnoreCase)));
        var words = first >= 0 ? all.Skip(first).Take(Most) : all.TakeLast(Most);
        return [.. words.Select(line => line.Length > MostCharacters ? line[..MostCharacters] + "…" : line)];
    }
}
