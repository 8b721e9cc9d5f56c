using System.Text.Encodings.Web;
using System.Text.Json;

namespace Orchestrator.Text.Tokenization;

/// <summary>Writes the Hugging Face library's <c>tokenizer.json</c>.</summary>
internal static class TokenizerJsonWriter
{
    // Byte-level letters such as Ġ stay readable; the file is never put into a page.
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Save(string path, BytePairVocabulary vocabulary, bool composes)
    {
        using var stream = File.Create(path);
        using var json = new Utf8JsonWriter(stream, Options);
        json.WriteStartObject();
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        WriteAdded(json, vocabulary);
        json.WritePropertyName("normalizer");
        if (composes) WriteType(json, "NFC", []);
        else json.WriteNullValue();
        json.WritePropertyName("pre_tokenizer");
        WriteType(json, "ByteLevel", [("add_prefix_space", false), ("trim_offsets", true), ("use_regex", true)]);
        json.WriteNull("post_processor");
        json.WritePropertyName("decoder");
        WriteType(json, "ByteLevel", [("add_prefix_space", false), ("trim_offsets", true), ("use_regex", true)]);
        WriteModel(json, vocabulary);
        json.WriteEndObject();
    }

    private static void WriteAdded(Utf8JsonWriter json, BytePairVocabulary vocabulary)
    {
        json.WriteStartArray("added_tokens");
        foreach (var (id, token) in vocabulary.Added.OrderBy(entry => entry.Key))
        {
            json.WriteStartObject();
            json.WriteNumber("id", id);
            json.WriteString("content", token.Content);
            foreach (var flag in (ReadOnlySpan<string>)["single_word", "lstrip", "rstrip", "normalized"]) json.WriteBoolean(flag, false);
            json.WriteBoolean("special", token.IsSpecial);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteType(Utf8JsonWriter json, string type, ReadOnlySpan<(string Name, bool Value)> flags)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        foreach (var (name, value) in flags) json.WriteBoolean(name, value);
        json.WriteEndObject();
    }

    private static void WriteModel(Utf8JsonWriter json, BytePairVocabulary vocabulary)
    {
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        foreach (var name in (ReadOnlySpan<string>)["dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix"]) json.WriteNull(name);
        foreach (var name in (ReadOnlySpan<string>)["fuse_unk", "byte_fallback", "ignore_merges"]) json.WriteBoolean(name, false);
        json.WriteStartObject("vocab");
        for (var id = 0; id < vocabulary.Count; id++)
            json.WriteNumber(vocabulary.Added.TryGetValue(id, out var added) ? added.Content : ByteAlphabet.Write(vocabulary.Bytes(id)), id);
        json.WriteEndObject();
        json.WriteStartArray("merges");
        foreach (var (left, right) in vocabulary.Merges)
            json.WriteStringValue($"{ByteAlphabet.Write(vocabulary.Bytes(left))} {ByteAlphabet.Write(vocabulary.Bytes(right))}");
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
