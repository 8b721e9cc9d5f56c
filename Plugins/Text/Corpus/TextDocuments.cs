using System.Buffers;
using System.Text;

namespace Orchestrator.Text.Corpus;

/// <summary>Text files, their bytes kept as they are.</summary>
internal static class TextDocuments
{
    /// <param name="files">Read in this order; a document never goes on in the next file.</param>
    /// <param name="separator">A line that holds exactly this ends a document and belongs to none; null: a file is a document.</param>
    public static IEnumerable<(string Source, ReadOnlyMemory<byte> Text)> Read(IEnumerable<CorpusFile> files, string? separator) =>
        separator is null ? files.Select(Whole) : files.SelectMany(file => Split(file, Encoding.UTF8.GetBytes(separator)));

    private static (string Source, ReadOnlyMemory<byte> Text) Whole(CorpusFile file)
    {
        using var stream = new CorpusStream(file);
        var text = new ArrayBufferWriter<byte>(Math.Max(1 << 16, (int)Math.Min(file.Length + 1, LineReader.MaximumBytes)));
        while (stream.Read(text.GetSpan(1 << 14)) is > 0 and var read)
        {
            text.Advance(read);
            RequireLength(file, text.WrittenCount);
        }

        return (file.Name, text.WrittenMemory);
    }

    private static IEnumerable<(string Source, ReadOnlyMemory<byte> Text)> Split(CorpusFile file, byte[] separator)
    {
        using var stream = new CorpusStream(file);
        var lines = new LineReader(stream);
        for (var number = 0; Next(file, lines, separator) is { } text; number++) yield return ($"{file.Name}#{number}", text);
    }

    private static ReadOnlyMemory<byte>? Next(CorpusFile file, LineReader lines, ReadOnlySpan<byte> separator)
    {
        var text = new ArrayBufferWriter<byte>();
        var any = false;
        while (lines.TryRead(out var line))
        {
            any = true;
            if (Ends(line, separator)) break;
            text.Write(line);
            RequireLength(file, text.WrittenCount);
        }

        // A bare null would become empty memory, by way of an array.
        return any ? text.WrittenMemory : default(ReadOnlyMemory<byte>?);
    }

    private static bool Ends(ReadOnlySpan<byte> line, ReadOnlySpan<byte> separator) =>
        line.StartsWith(separator) && line[separator.Length..] is [] or [(byte)'\n'] or [(byte)'\r', (byte)'\n'];

    private static void RequireLength(CorpusFile file, int length)
    {
        if (length > LineReader.MaximumBytes)
            throw new CorpusException(
                $"A document of {file.Path} has more than {LineReader.MaximumBytes} bytes; a separator line cuts a file into documents.");
    }
}
