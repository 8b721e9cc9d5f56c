using System.Text;
using System.Text.Json;

namespace Orchestrator.Text.Tokenization;

/// <summary>Reads the Hugging Face library's <c>tokenizer.json</c>, and refuses whatever would be encoded differently here.</summary>
internal static class TokenizerJsonReader
{
    /// <exception cref="InvalidDataException">The file is no byte-level BPE tokenizer.</exception>
    public static BytePairTokenizer Load(string path)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return Read(json.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or FormatException or ArgumentException or InvalidOperationException)
        {
            var what = exception is JsonException or InvalidOperationException ? $"no valid JSON of that layout ({exception.Message})" : exception.Message;
            throw new InvalidDataException($"{path} is no tokenizer.json of a byte-level BPE tokenizer: {what}", exception);
        }
    }

    private static BytePairTokenizer Read(JsonElement root)
    {
        Require(root.ValueKind == JsonValueKind.Object, $"the file holds {root.ValueKind}, an object is expected");
        var composes = RequireSteps(root);
        var model = Property(root, "model", JsonValueKind.Object);
        RequireModel(model);
        var added = Added(root);
        var tokens = Tokens(Property(model, "vocab", JsonValueKind.Object), added);
        var end = added.Where(entry => entry.Value.Content == BytePairVocabulary.EndOfTextContent).Select(entry => (int?)entry.Key).FirstOrDefault()
            ?? throw new FormatException($"added_tokens has no {BytePairVocabulary.EndOfTextContent}");
        var vocabulary = new BytePairVocabulary(tokens, added, end);
        foreach (var merge in Property(model, "merges", JsonValueKind.Array).EnumerateArray()) AddMerge(vocabulary, merge);
        return new BytePairTokenizer(vocabulary, composes);
    }

    /// <returns>Whether text is normalised.</returns>
    private static bool RequireSteps(JsonElement root)
    {
        var normalizer = Type(root, "normalizer");
        Require(normalizer is null or "NFC", $"normalizer is {normalizer}; supported are null and NFC");
        var split = Type(root, "pre_tokenizer");
        Require(split == "ByteLevel", $"pre_tokenizer is {split ?? "null"}; supported is ByteLevel");
        var options = root.GetProperty("pre_tokenizer");
        Require(!Flag(options, "add_prefix_space", true), "pre_tokenizer has add_prefix_space; supported is false");
        Require(Flag(options, "use_regex", true), "pre_tokenizer has no use_regex; supported is true");
        var decoder = Type(root, "decoder");
        Require(decoder is null or "ByteLevel", $"decoder is {decoder}; supported is ByteLevel");
        return normalizer == "NFC";
    }

    private static void RequireModel(JsonElement model)
    {
        Require(!model.TryGetProperty("type", out var type) || type.GetString() == "BPE", $"model.type is {type}; supported is BPE");
        foreach (var name in (ReadOnlySpan<string>)["continuing_subword_prefix", "end_of_word_suffix"])
            Require(!model.TryGetProperty(name, out var affix) || string.IsNullOrEmpty(affix.GetString()), $"model.{name} is {affix}; supported is null");
        foreach (var name in (ReadOnlySpan<string>)["byte_fallback", "ignore_merges"])
            Require(!Flag(model, name, false), $"model.{name} is true; supported is false");
    }

    private static Dictionary<int, AddedToken> Added(JsonElement root)
    {
        Dictionary<int, AddedToken> added = [];
        foreach (var entry in Property(root, "added_tokens", JsonValueKind.Array).EnumerateArray())
        {
            var content = Property(entry, "content", JsonValueKind.String).GetString() ?? "";
            var id = Property(entry, "id", JsonValueKind.Number).GetInt32();
            Require(content.Length > 0, $"added token {id} is empty");
            foreach (var name in (ReadOnlySpan<string>)["single_word", "lstrip", "rstrip"])
                Require(!Flag(entry, name, false), $"added token {id} has {name}; supported is false");
            Require(added.TryAdd(id, new AddedToken(content, Flag(entry, "special", false))), $"added_tokens has the id {id} twice");
        }

        return added;
    }

    private static byte[][] Tokens(JsonElement vocab, Dictionary<int, AddedToken> added)
    {
        var byId = new SortedDictionary<int, byte[]>();
        foreach (var (id, token) in added) byId.Add(id, Encoding.UTF8.GetBytes(token.Content));
        foreach (var entry in vocab.EnumerateObject())
        {
            Require(entry.Value.ValueKind == JsonValueKind.Number && entry.Value.TryGetInt32(out _), $"model.vocab: the id of '{entry.Name}' is no whole number");
            var id = entry.Value.GetInt32();
            if (added.TryGetValue(id, out var mark) && mark.Content == entry.Name) continue;
            var bytes = ByteAlphabet.Read(entry.Name) ?? throw new FormatException($"model.vocab: '{entry.Name}' holds a character that stands for no byte");
            Require(bytes.Length > 0, $"model.vocab: token {id} is empty");
            Require(byId.TryAdd(id, bytes), $"model.vocab: the id {id} of '{entry.Name}' is given twice");
        }

        var expected = 0;
        foreach (var id in byId.Keys) Require(id == expected++, $"ids are not 0 to {byId.Count - 1}: {id} where {expected - 1} is expected");
        return [.. byId.Values];
    }

    private static void AddMerge(BytePairVocabulary vocabulary, JsonElement merge)
    {
        // "a b" in older files, ["a", "b"] in newer ones.
        var parts = merge.ValueKind == JsonValueKind.Array
            ? merge.EnumerateArray().Select(part => part.GetString() ?? "").ToArray()
            : (merge.GetString() ?? "").Split(' ');
        Require(parts.Length == 2, $"model.merges: {merge} is no pair");
        var pair = new Pair(Find(parts[0]), Find(parts[1]));
        Find(parts[0] + parts[1]);
        vocabulary.AddMerge(pair);

        int Find(string token) => ByteAlphabet.Read(token) is { } bytes && vocabulary.TryFind(bytes, out var id)
            ? id
            : throw new FormatException($"model.merges: {merge} names '{token}', which is not in model.vocab");
    }

    private static string? Type(JsonElement root, string step)
    {
        if (!root.TryGetProperty(step, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        Require(value.ValueKind == JsonValueKind.Object, $"{step} holds {value.ValueKind}, an object is expected");
        return Property(value, "type", JsonValueKind.String).GetString();
    }

    private static bool Flag(JsonElement element, string name, bool otherwise) =>
        element.TryGetProperty(name, out var value) ? value.ValueKind == JsonValueKind.True : otherwise;

    private static JsonElement Property(JsonElement element, string name, JsonValueKind kind)
    {
        Require(element.ValueKind == JsonValueKind.Object, $"{element.ValueKind} where an object with '{name}' is expected");
        Require(element.TryGetProperty(name, out var value), $"it has no '{name}'");
        Require(value.ValueKind == kind, $"'{name}' holds {value.ValueKind}, {kind} is expected");
        return value;
    }

    private static void Require(bool condition, string problem)
    {
        if (!condition) throw new FormatException(problem);
    }
}
