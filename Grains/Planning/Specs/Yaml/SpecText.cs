using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Orchestrator.Planning.Specs.Yaml;

/// <summary>Gets a spec's text: at most 1 MiB of UTF-8 without control characters.</summary>
internal static class SpecText
{
    public const int MaxBytes = 1 << 20;

    private const int ChunkBytes = 1 << 14;

    /// <summary>The text of a file; null where it cannot be read, with the reason among the problems.</summary>
    public static string? Load(string path, SpecProblems problems)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var bytes = new ArrayBufferWriter<byte>(); // grows as it is read: a pipe tells no length
            while (bytes.WrittenCount <= MaxBytes && stream.Read(bytes.GetSpan(ChunkBytes)) is var count and > 0)
            {
                bytes.Advance(count);
            }

            return Decode(bytes.WrittenSpan, problems);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            var reason = exception is FileNotFoundException or DirectoryNotFoundException ? "there is no such file"
                : Directory.Exists(path) ? "this is a folder" : Shown.OneLine(exception.Message);
            problems.Add(1, 1, $"{problems.What} cannot be read: " + reason, null, "a YAML file");
            return null;
        }
    }

    /// <summary>Checks a text that did not come from a file.</summary>
    public static bool Check(string text, SpecProblems problems)
    {
        if (text.Length > MaxBytes || Encoding.UTF8.GetByteCount(text) > MaxBytes)
        {
            AddTooLong(problems);
            return false;
        }

        return HasNoControlCharacters(text, problems);
    }

    private static string? Decode(ReadOnlySpan<byte> bytes, SpecProblems problems)
    {
        if (bytes.Length > MaxBytes)
        {
            AddTooLong(problems);
            return null;
        }

        if (bytes.StartsWith(Encoding.UTF8.Preamble))
        {
            bytes = bytes[3..];
        }

        var characters = new char[bytes.Length];
        var status = Utf8.ToUtf16(bytes, characters, out _, out var written, replaceInvalidSequences: false);
        var text = new string(characters, 0, written);
        if (status != OperationStatus.Done)
        {
            var (line, column) = PlaceOf(text, written);
            problems.Add(line, column, $"{problems.What} is not UTF-8 from here on", null, "UTF-8");
            return null;
        }

        return HasNoControlCharacters(text, problems) ? text : null;
    }

    private static bool HasNoControlCharacters(string text, SpecProblems problems)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsControl(text[i]) && text[i] is not ('\n' or '\r' or '\t'))
            {
                var (line, column) = PlaceOf(text, i);
                problems.Add(line, column, "a control character", Shown.Quoted(text[i].ToString()), "text");
                return false;
            }
        }

        return HasNoTabs(text, problems);
    }

    /// <summary>YAML's own complaint about a tab names neither the tab nor its line.</summary>
    private static bool HasNoTabs(string text, SpecProblems problems)
    {
        var number = 0;
        var found = false;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            number++;
            var indentation = line[..^line.TrimStart(" \t").Length];
            if (indentation.Length < line.Length && indentation.Contains('\t'))
            {
                problems.Add(number, indentation.IndexOf('\t') + 1, "a tab in the indentation", null, "spaces");
                found = true;
            }
        }

        return !found;
    }

    private static void AddTooLong(SpecProblems problems) =>
        problems.Add(1, 1, $"{problems.What} is too long", "more than 1 MiB", "at most 1 MiB");

    private static (int Line, int Column) PlaceOf(string text, int index)
    {
        var before = text.AsSpan(0, index);
        return (before.Count('\n') + 1, index - before.LastIndexOf('\n'));
    }
}
