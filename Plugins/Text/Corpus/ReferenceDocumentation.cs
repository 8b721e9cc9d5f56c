using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Text.Corpus;

/// <summary>
/// XML reference documentation as text. A document is what a file says in a row of one type: the
/// <c>&lt;member&gt;</c> elements of the type and of its methods, properties, fields and events, with tags and
/// indentation as in the file and line ends as <c>\n</c>.
/// </summary>
internal static class ReferenceDocumentation
{
    private static ReadOnlySpan<byte> MemberStart => "<member name=\""u8;

    private static ReadOnlySpan<byte> MemberEnd => "</member>"u8;

    /// <summary>Files of equal content, which packs repeat, are read once.</summary>
    public static IEnumerable<(string Source, ReadOnlyMemory<byte> Text)> Read(IEnumerable<CorpusFile> files)
    {
        HashSet<string> seen = [];
        foreach (var file in files)
        {
            var text = Load(file);
            if (!seen.Add(Convert.ToHexString(SHA256.HashData(text.Span)))) continue;
            var next = 0;
            while (TryDocument(text.Span, ref next, out var document, out var type))
                yield return ($"{file.Name}#{type}", text[document]);
        }
    }

    /// <summary>The type that a documentation id speaks of: <c>M:N.T.Do(N.U)</c> → <c>N.T</c>.</summary>
    public static ReadOnlySpan<byte> TypeOf(ReadOnlySpan<byte> id)
    {
        if (id is not [var kind, (byte)':', .. var name]) return id;
        if (kind is (byte)'T' or (byte)'N') return name;
        if (name.IndexOf((byte)'(') is >= 0 and var parameters) name = name[..parameters];
        return name.LastIndexOf((byte)'.') is >= 0 and var dot ? name[..dot] : name;
    }

    private static ReadOnlyMemory<byte> Load(CorpusFile file)
    {
        try
        {
            var bytes = File.ReadAllBytes(file.Path);
            var kept = 0;
            for (var i = 0; i < bytes.Length; i++)
            {
                if (bytes[i] == '\r' && i + 1 < bytes.Length && bytes[i + 1] == '\n') continue;
                bytes[kept++] = bytes[i];
            }

            return bytes.AsMemory(0, kept);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CorpusProblems.Unreadable(file, exception);
        }
    }

    private static bool TryDocument(ReadOnlySpan<byte> text, ref int next, out Range document, out string type)
    {
        (document, type) = (default, "");
        if (!TryMember(text, next, out var start, out var end, out var first)) return false;
        var from = start;
        next = end;
        while (TryMember(text, next, out start, out end, out var member) && member.SequenceEqual(first)) next = end;
        document = from..next;
        type = Encoding.UTF8.GetString(first);
        return true;
    }

    /// <summary>The next element, from the indentation of its start tag to the line feed behind its end tag.</summary>
    private static bool TryMember(ReadOnlySpan<byte> text, int from, out int start, out int end, out ReadOnlySpan<byte> type)
    {
        start = end = 0;
        type = default;
        var found = text[from..].IndexOf(MemberStart);
        if (found < 0) return false;
        start = from + found;
        var id = text[(start + MemberStart.Length)..];
        var quote = id.IndexOf((byte)'"');
        var close = id.IndexOf(MemberEnd);
        if (quote < 0 || close < 0) return false;
        type = TypeOf(id[..quote]);
        end = start + MemberStart.Length + close + MemberEnd.Length;
        if (end < text.Length && text[end] == '\n') end++;
        while (start > from && text[start - 1] == ' ') start--;
        return true;
    }
}
