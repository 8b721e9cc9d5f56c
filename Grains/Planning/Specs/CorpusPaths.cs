using System.IO.Enumeration;
using Microsoft.Extensions.FileSystemGlobbing;
using Orchestrator.Planning.Specs.Schema;
using Orchestrator.Planning.Specs.Yaml;

namespace Orchestrator.Planning.Specs;

/// <summary>Makes the corpus's paths absolute and sees whether each names at least one file.</summary>
internal static class CorpusPaths
{
    /// <summary>
    /// Entries looked at for all globs before the rest is believed: a glob over a whole disk must not hold up a plan. The
    /// corpus itself complains where such a glob holds nothing.
    /// </summary>
    private const int MaxEntries = 10_000;

    private const int MaxDepth = 32;

    private const int ChunkLength = 1_000;

    public static IReadOnlyList<string> Resolve(SpecSection corpus, string folder, SpecProblems problems)
    {
        var known = corpus.TryGet(CorpusKeys.Kind, out var kind) && CorpusKeys.Paths.OnlyFor!.Contains(kind);
        if (!known || !corpus.TryGet(CorpusKeys.Paths, out var paths))
        {
            return [];
        }

        var list = corpus.NodeOf(CorpusKeys.Paths) as ListNode;
        var resolved = new List<string>();
        var seen = 0;
        for (var i = 0; i < paths.Count; i++)
        {
            var path = Path.GetFullPath(paths[i], Path.GetFullPath(folder));
            resolved.Add(path);
            var node = list?.Items[i] ?? corpus.NodeOf(CorpusKeys.Paths)!;
            if (IsGlob(path) ? !MatchesAnything(path, ref seen) : !File.Exists(path))
            {
                var reason = IsGlob(path) ? "this glob matches no file" : Directory.Exists(path) ? "this is a folder" : "there is no such file";
                problems.Add(node, $"corpus.paths: {reason}", $"{node.Found} ({Shown.Text(path)})",
                    Directory.Exists(path) ? "a file, or a glob such as 'folder/**/*.txt'" : "a file, or a glob that matches one");
            }
        }

        return resolved;
    }

    private static bool IsGlob(string path) => path.Contains('*');

    /// <param name="seen">Entries looked at so far.</param>
    private static bool MatchesAnything(string pattern, ref int seen)
    {
        var root = pattern[..(pattern.LastIndexOf('/', pattern.IndexOf('*')) + 1)];
        if (!Directory.Exists(root))
        {
            return false;
        }

        try
        {
            var names = pattern[root.Length..];
            var matcher = new Matcher(StringComparison.Ordinal).AddInclude(names);
            var options = new EnumerationOptions
            {
                RecurseSubdirectories = true,
                MaxRecursionDepth = names.Contains("**") ? MaxDepth : names.Count(character => character == '/'),
                AttributesToSkip = FileAttributes.None,
            };
            var files = new FileSystemEnumerable<string?>(root, (ref FileSystemEntry entry) => entry.IsDirectory ? null : entry.ToFullPath(), options);
            foreach (var chunk in files.Chunk(ChunkLength))
            {
                seen += chunk.Length;
                if (seen > MaxEntries || matcher.Match(root, chunk.OfType<string>()).HasMatches)
                {
                    return true;
                }
            }

            return false;
        }
        catch (Exception exception) when (exception is ArgumentException or IOException or UnauthorizedAccessException)
        {
            return false; // no glob, or a folder that nobody may search
        }
    }
}
