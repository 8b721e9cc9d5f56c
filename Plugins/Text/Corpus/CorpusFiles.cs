using Microsoft.Extensions.FileSystemGlobbing;

namespace Orchestrator.Text.Corpus;

/// <summary>Turns paths and globs into files.</summary>
internal static class CorpusFiles
{
    /// <summary>Every file that the patterns name, once, in ordinal order.</summary>
    /// <exception cref="CorpusException">Patterns that name nothing, all of them at once.</exception>
    public static IReadOnlyCollection<string> Match(IReadOnlyList<string> patterns)
    {
        SortedSet<string> files = new(StringComparer.Ordinal);
        List<string> problems = [];
        foreach (var pattern in patterns)
        {
            if (Problem(pattern, files) is { } problem) problems.Add(problem);
        }

        return problems.Count == 0 ? files : throw new CorpusException(problems);
    }

    /// <exception cref="CorpusException">A file vanished, or all of them are empty.</exception>
    public static IReadOnlyList<CorpusFile> Describe(IReadOnlyCollection<string> paths)
    {
        var root = SharedFolder(paths);
        var files = new List<CorpusFile>(paths.Count);
        foreach (var path in paths)
        {
            var info = new FileInfo(path);
            if (!info.Exists) throw new CorpusException($"Corpus file {path} has vanished.");
            var name = Path.GetRelativePath(root, path).Replace('\\', '/');
            files.Add(new CorpusFile(name, path, info.Length, info.LastWriteTimeUtc));
        }

        if (files.All(file => file.Length == 0))
            throw new CorpusException($"The corpus is empty: each of its {files.Count} file(s) below {root} has 0 bytes.");
        return files;
    }

    private static string? Problem(string pattern, SortedSet<string> files)
    {
        if (!Path.IsPathFullyQualified(pattern)) return $"Corpus path '{pattern}' is not absolute.";
        var star = pattern.IndexOf('*');
        if (star >= 0) return GlobProblem(pattern, star, files);
        var path = Path.GetFullPath(pattern);
        if (Directory.Exists(path)) return $"Corpus path {path} is a folder; allowed are files and globs such as {path.TrimEnd('/')}/**/*.txt.";
        if (File.Exists(path))
        {
            files.Add(path);
            return null;
        }

        return $"Corpus file {path} does not exist{NearestFolder(path)}.";
    }

    private static string? GlobProblem(string pattern, int star, SortedSet<string> files)
    {
        var cut = pattern.LastIndexOfAny(['/', Path.DirectorySeparatorChar], star);
        var root = Path.GetFullPath(pattern[..(cut + 1)]);
        if (!Directory.Exists(root)) return $"Corpus glob {pattern}: folder {root} does not exist{NearestFolder(root)}.";
        try
        {
            var matches = new Matcher(StringComparison.Ordinal)
                .AddInclude(pattern[(cut + 1)..])
                .GetResultsInFullPath(root)
                .Select(Path.GetFullPath)
                .ToList();
            files.UnionWith(matches);
            return matches.Count > 0 ? null : $"Corpus glob {pattern} matches no file in {root}; * stands for any part of a name, ** for any folders.";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"Corpus glob {pattern}: {root} cannot be searched: {exception.Message}";
        }
    }

    private static string NearestFolder(string path)
    {
        var folder = Path.GetDirectoryName(path);
        while (folder is not null && !Directory.Exists(folder)) folder = Path.GetDirectoryName(folder);
        return folder is null ? "" : $"; the path exists up to {folder}";
    }

    private static string SharedFolder(IReadOnlyCollection<string> paths)
    {
        var shared = Path.GetDirectoryName(paths.First()) ?? "/";
        foreach (var path in paths)
        {
            while (!path.StartsWith(Path.TrimEndingDirectorySeparator(shared) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
                && Path.GetDirectoryName(shared) is { } parent)
                shared = parent;
        }

        return shared;
    }
}
