using System.Text.Json;
using Orchestrator.Numerics.Formats;

namespace Orchestrator.Numerics.Interchange;

/// <summary>
/// A JSON object of another tool. A value that is missing or of another kind is refused with the file, the key, what was
/// found and what is expected; null counts as missing.
/// </summary>
internal sealed class ForeignConfig
{
    private const int MaxShown = 60;
    private const int MaxText = 1_000;

    private readonly string _path;
    private readonly string _prefix;
    private readonly JsonElement _object;

    private ForeignConfig(string path, string prefix, JsonElement element)
    {
        _path = path;
        _prefix = prefix;
        _object = element;
    }

    /// <exception cref="InvalidDataException">It is not a JSON object.</exception>
    public static ForeignConfig Read(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = 64 });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new ForeignConfig(path, "", document.RootElement.Clone())
                : throw new InvalidDataException($"{path} holds {Kind(document.RootElement)}, expected a JSON object.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{path} is not JSON: {exception.Message}", exception);
        }
    }

    /// <summary>Where it lies.</summary>
    public string Path => _path;

    public bool Has(string key) => Find(key) is not null;

    /// <summary>The value is an object.</summary>
    public ForeignConfig? Section(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } section => new ForeignConfig(_path, $"{_prefix}{key}.", section),
        { } other => throw Unexpected(key, other, "an object"),
    };

    public ForeignConfig RequireSection(string key) => Section(key) ?? throw Missing(key, "an object");

    public string? Text(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => Shown(key, text.GetString()!),
        { } other => throw Unexpected(key, other, "a text"),
    };

    public string RequireText(string key) => Text(key) ?? throw Missing(key, "a text");

    public bool? Flag(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } other => throw Unexpected(key, other, "true or false"),
    };

    public double? Number(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetDouble(out var value) && double.IsFinite(value) => value,
        { } other => throw Unexpected(key, other, "a number"),
    };

    /// <summary>A whole number above 0, also where it is written as 32.0.</summary>
    public int? Count(string key)
    {
        if (Find(key) is not { } found) return null;
        return found.ValueKind == JsonValueKind.Number && found.TryGetDouble(out var value) && value >= 1 && value <= int.MaxValue && value == Math.Floor(value)
            ? (int)value
            : throw Unexpected(key, found, "a whole number above 0");
    }

    public int RequireCount(string key) => Count(key) ?? throw Missing(key, "a whole number above 0");

    /// <summary>The value is a boolean.</summary>
    public bool IsFlag(string key) => Find(key) is { ValueKind: JsonValueKind.True or JsonValueKind.False };

    /// <summary>The key as messages name it.</summary>
    public InvalidDataException Refused(string key, string problem) => new($"{_path}: '{_prefix}{key}' {problem}.");

    private InvalidDataException Missing(string key, string expected) => Refused(key, $"is missing, expected {expected}");

    private InvalidDataException Unexpected(string key, JsonElement found, string expected) =>
        Refused(key, $"is {Kind(found)}, expected {expected}");

    private JsonElement? Find(string key) =>
        _object.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>Texts are names, and end up in messages and on terminals.</summary>
    private string Shown(string key, string text) =>
        text.Length > MaxText ? throw Refused(key, $"has {text.Length} characters, expected at most {MaxText}")
        : text.Any(char.IsControl) ? throw Refused(key, "holds control characters")
        : text;

    private static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        _ => element.GetRawText() is { Length: > MaxShown } text ? $"{Excerpt.Text(text[..MaxShown])}…" : Excerpt.Text(element.GetRawText()),
    };
}
