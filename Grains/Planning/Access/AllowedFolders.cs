namespace Orchestrator.Planning.Access;

/// <summary>The folders that specs may read text and dictionaries from, as the operator names them.</summary>
/// <param name="Folders">Absolute paths; null: every folder that the process can read.</param>
public sealed record AllowedFolders(IReadOnlyList<string>? Folders)
{
    /// <summary>No restriction: the user's own machine.</summary>
    public static AllowedFolders Any { get; } = new((IReadOnlyList<string>?)null);

    /// <summary>The first of some paths that is not within an allowed folder; null: all are. Links are followed first.</summary>
    public string? FirstOutside(IEnumerable<string> paths)
    {
        if (Folders is null)
        {
            return null;
        }

        var folders = Folders.Select(RealPath.Of).OfType<string>().Select(WithEnd).ToList();
        return paths.FirstOrDefault(path => RealPath.Of(path) is not { } real || !folders.Exists(folder => WithEnd(real).StartsWith(folder, StringComparison.Ordinal)));
    }

    /// <summary>What a message says is allowed.</summary>
    public string Allowed => Folders is null or [] ? "none" : string.Join(", ", Folders);

    private static string WithEnd(string path) => path.EndsWith('/') ? path : path + "/";
}
