using System.IO.Enumeration;
using System.Text;
using System.Text.RegularExpressions;
using Orchestrator.Planning.Specs.Schema;
using Orchestrator.Planning.Specs.Yaml;

namespace Orchestrator.Planning.Specs;

/// <summary>Makes the corpus's paths absolute and sees whether each names at least one file.</summary>
internal static class CorpusPaths
{
    /// <summary>
    /// Entries looked at for one glob before it is believed: a glob over a whole disk must not hold up a plan. The corpus
    /// itself complains where such a glob holds nothing.
    /// </summary>
    private const int MaxEntries = 100_000;

    public static IReadOnlyList<string> Resolve(SpecSection corpus, string folder, SpecProblems problems)
    {
        if (!corpus.TryGet(CorpusKeys.Paths, out var paths))
        {
            return [];
        }

        var list = corpus.NodeOf(CorpusKeys.Paths) as ListNode;
        var resolved = new List<string>();
        for (var i = 0; i < paths.Count; i++)
        {
            var path = Path.GetFullPath(paths[i], Path.GetFullPath(folder));
            resolved.Add(path);
            var node = list?.Items[i] ?? corpus.NodeOf(CorpusKeys.Paths)!;
            if (IsGlob(path) ? !MatchesAnything(path) : !File.Exists(path))
            {
                var reason = IsGlob(path) ? "this glob matches no file" : Directory.Exists(path) ? "this is a folder" : "there is no such file";
                problems.Add(node, $"corpus.paths: {reason}", $"{node.Found} ({Shown.Text(path)})",
                    Directory.Exists(path) ? "a file, or a glob such as 'folder/**/*.txt'" : "a file, or a glob that matches one");
            }
        }

        return resolved;
    }

    private static bool IsGlob(string path) => path.AsSpan().ContainsAny('*', '?');

    private static bool MatchesAnything(string pattern)
    {
        var star = pattern.AsSpan().IndexOfAny('*', '?');
        var root = pattern[..(pattern.LastIndexOf('/', star) + 1)];
        if (!Directory.Exists(root))
        {
            return false;
        }

        var regex = new Regex(ToRegex(pattern[root.Length..]), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None, IgnoreInaccessible = true, MaxRecursionDepth = 32 };
        var entries = new FileSystemEnumerable<(bool IsFile, string Path)>(root, (ref FileSystemEntry entry) => (!entry.IsDirectory, entry.ToFullPath()), options);
        var seen = 0;
        foreach (var (isFile, path) in entries)
        {
            if (++seen > MaxEntries || (isFile && regex.IsMatch(path.AsSpan(root.Length))))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary><c>**/</c>: any folders; <c>*</c>: anything within a name; <c>?</c>: one character of a name.</summary>
    private static string ToRegex(string pattern)
    {
        var regex = new StringBuilder(@"\A");
        for (var i = 0; i < pattern.Length; i++)
        {
            var rest = pattern.AsSpan(i);
            if (rest.StartsWith("**/"))
            {
                regex.Append("(.*/)?");
                i += 2;
            }
            else if (rest.StartsWith("**"))
            {
                regex.Append(".*");
                i++;
            }
            else
            {
                regex.Append(pattern[i] switch { '*' => "[^/]*", '?' => "[^/]", var character => Regex.Escape(character.ToString()) });
            }
        }

        return regex.Append(@"\z").ToString();
    }
}
