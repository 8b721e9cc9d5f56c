using System.Text.Json;

namespace Orchestrator.Text.Corpus;

/// <summary>A JSON object a line; blank lines are skipped.</summary>
internal static class JsonLinesDocuments
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <param name="files">Read in this order.</param>
    /// <param name="field">The top-level property that holds the text; the last one counts where it is repeated.</param>
    public static IEnumerable<(string Source, ReadOnlyMemory<byte> Text)> Read(IEnumerable<CorpusFile> files, string field) =>
        files.SelectMany(file => Read(file, field));

    private static IEnumerable<(string Source, ReadOnlyMemory<byte> Text)> Read(CorpusFile file, string field)
    {
        using var stream = new CorpusStream(file);
        var lines = new LineReader(stream);
        while (Next(file, lines, field) is { } text) yield return ($"{file.Name}:{lines.Line}", text);
    }

    private static byte[]? Next(CorpusFile file, LineReader lines, string field)
    {
        while (lines.TryRead(out var line))
        {
            if (lines.Line == 1 && line.StartsWith(ByteOrderMark)) line = line[ByteOrderMark.Length..];
            if (line.Trim(" \t\r\n"u8).IsEmpty) continue;
            try
            {
                return Field(line, field);
            }
            catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException)
            {
                var found = exception is FormatException ? exception.Message : $"is no JSON object of valid text ({exception.Message})";
                throw new CorpusException(
                    $"{file.Path}, line {lines.Line}: {found}; each line must be a JSON object with a string property '{field}'.", exception);
            }
        }

        return null;
    }

    private static byte[] Field(ReadOnlySpan<byte> line, string field)
    {
        var reader = new Utf8JsonReader(line);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) throw new FormatException($"holds {Name(reader.TokenType)}");
        byte[]? text = null;
        List<string> properties = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var wanted = reader.ValueTextEquals(field);
            if (!wanted && text is null) properties.Add(reader.GetString() ?? "");
            reader.Read();
            if (!wanted) reader.Skip();
            else if (reader.TokenType != JsonTokenType.String) throw new FormatException($"'{field}' holds {Name(reader.TokenType)}");
            else text = String(ref reader);
        }

        // Reads to the end of the line, so that what follows the object is noticed.
        while (reader.Read()) { }
        return text ?? throw new FormatException($"has no property '{field}', only {(properties.Count == 0 ? "none" : string.Join(", ", properties))}");
    }

    private static byte[] String(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped) return reader.ValueSpan.ToArray();
        var text = new byte[reader.ValueSpan.Length];
        return text[..reader.CopyString(text)];
    }

    private static string Name(JsonTokenType type) => type switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "true or false",
        _ => "null",
    };
}
