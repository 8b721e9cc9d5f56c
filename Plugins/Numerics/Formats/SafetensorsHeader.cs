using System.Text.Json;

namespace Orchestrator.Numerics.Formats;

/// <summary>
/// Parses and validates the JSON in front of a safetensors file. Everything is checked against the file's length before
/// any element is read: a header from elsewhere cannot make the reader allocate or read beyond the file.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>Upper bound of the header that the format's own implementation sets.</summary>
    public const int MaxBytes = 100_000_000;

    public const string MetadataKey = "__metadata__";

    private const int MaxDimensions = 64;

    private readonly string _path;
    private readonly long _dataStart;
    private readonly long _dataBytes;
    private readonly Dictionary<string, SafetensorsEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);

    private SafetensorsHeader(string path, long dataStart, long dataBytes)
    {
        _path = path;
        _dataStart = dataStart;
        _dataBytes = dataBytes;
    }

    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _entries;

    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <exception cref="InvalidDataException">The header is malformed; the message names the file and the problem.</exception>
    public static SafetensorsHeader Parse(string path, ReadOnlyMemory<byte> json, long dataStart, long dataBytes)
    {
        var header = new SafetensorsHeader(path, dataStart, dataBytes);
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw header.Invalid("the header is not a JSON object");
            foreach (var property in document.RootElement.EnumerateObject())
                header.Add(property);
        }
        catch (JsonException exception)
        {
            throw header.Invalid($"the header is not JSON: {exception.Message}", exception);
        }
        catch (InvalidOperationException exception)
        {
            // A string of the header is not valid UTF-16 once unescaped.
            throw header.Invalid($"the header holds invalid text: {exception.Message}", exception);
        }

        header.RequireContiguous();
        return header;
    }

    public InvalidDataException Invalid(string problem, Exception? inner = null) =>
        new($"{_path} is not a valid safetensors file: {problem}.", inner);

    private void Add(JsonProperty property)
    {
        if (property.Name == MetadataKey)
        {
            ReadMetadata(property.Value);
            return;
        }

        if (!_entries.TryAdd(property.Name, ReadEntry(property.Name, property.Value)))
            throw Invalid($"tensor '{property.Name}' stands in the header twice");
    }

    private void ReadMetadata(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw Invalid($"{MetadataKey} is not a JSON object");
        foreach (var item in value.EnumerateObject())
        {
            if (item.Value.ValueKind != JsonValueKind.String)
                throw Invalid($"{MetadataKey} '{item.Name}' is not a string");
            if (!_metadata.TryAdd(item.Name, item.Value.GetString()!))
                throw Invalid($"{MetadataKey} '{item.Name}' stands in the header twice");
        }
    }

    private SafetensorsEntry ReadEntry(string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw Invalid($"the description of tensor '{name}' is not a JSON object");
        if (!value.TryGetProperty("dtype", out var dtype) || dtype.ValueKind != JsonValueKind.String)
            throw Invalid($"tensor '{name}' has no dtype");
        if (!Enum.TryParse<SafetensorsType>(dtype.GetString(), out var type) || type.ToString() != dtype.GetString())
        {
            throw Invalid(
                $"tensor '{name}' has the unknown dtype '{dtype.GetString()}'; known: {string.Join(", ", Enum.GetNames<SafetensorsType>())}");
        }

        var shape = ReadNumbers(name, value, "shape");
        var offsets = ReadNumbers(name, value, "data_offsets");
        if (offsets.Length != 2)
            throw Invalid($"tensor '{name}' has {offsets.Length} data_offsets, not 2");
        var (begin, end) = (offsets[0], offsets[1]);
        if (begin > end || end > _dataBytes)
            throw Invalid($"tensor '{name}' lies at bytes {begin} to {end} of {_dataBytes}");
        if (BytesOf(name, shape, type) != end - begin)
            throw Invalid($"tensor '{name}' of shape [{string.Join(", ", shape)}] and dtype {type} cannot take {end - begin} bytes");
        return new SafetensorsEntry(name, type, shape, _dataStart + begin, end - begin);
    }

    private long[] ReadNumbers(string name, JsonElement value, string key)
    {
        if (!value.TryGetProperty(key, out var array) || array.ValueKind != JsonValueKind.Array)
            throw Invalid($"tensor '{name}' has no {key}");
        if (array.GetArrayLength() > MaxDimensions)
            throw Invalid($"{key} of tensor '{name}' has more than {MaxDimensions} numbers");
        var numbers = new long[array.GetArrayLength()];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (array[i].ValueKind != JsonValueKind.Number || !array[i].TryGetInt64(out numbers[i]) || numbers[i] < 0)
                throw Invalid($"{key} of tensor '{name}' holds {array[i].GetRawText()}, which is not a size");
        }

        return numbers;
    }

    private long BytesOf(string name, long[] shape, SafetensorsType type)
    {
        try
        {
            long bytes = type.Size();
            foreach (var extent in shape)
                bytes = checked(bytes * extent);
            return bytes;
        }
        catch (OverflowException exception)
        {
            throw Invalid($"the shape [{string.Join(", ", shape)}] of tensor '{name}' overflows", exception);
        }
    }

    private void RequireContiguous()
    {
        var expected = _dataStart;
        foreach (var entry in _entries.Values.OrderBy(e => e.Offset).ThenBy(e => e.Bytes))
        {
            if (entry.Offset < expected)
                throw Invalid($"tensor '{entry.Name}' overlaps the one before it");
            if (entry.Offset > expected)
                throw Invalid($"{entry.Offset - expected} bytes before tensor '{entry.Name}' belong to no tensor");
            expected += entry.Bytes;
        }

        if (expected != _dataStart + _dataBytes)
            throw Invalid($"{_dataStart + _dataBytes - expected} bytes at the end belong to no tensor");
    }
}
