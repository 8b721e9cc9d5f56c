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
    private bool _hasMetadata;

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
        var name = property.Name;
        if (name == MetadataKey)
            ReadMetadata(property.Value);
        else if (!_entries.TryAdd(name, ReadEntry(name, property.Value)))
            throw Invalid($"tensor '{Excerpt.Text(name)}' stands in the header twice");
    }

    private void ReadMetadata(JsonElement value)
    {
        if (_hasMetadata)
            throw Invalid($"{MetadataKey} stands in the header twice");
        _hasMetadata = true;
        if (value.ValueKind != JsonValueKind.Object)
            throw Invalid($"{MetadataKey} is not a JSON object");
        foreach (var item in value.EnumerateObject())
        {
            if (item.Value.ValueKind != JsonValueKind.String)
                throw Invalid($"{MetadataKey} '{Excerpt.Text(item.Name)}' is not a string");
            if (!_metadata.TryAdd(item.Name, item.Value.GetString()!))
                throw Invalid($"{MetadataKey} '{Excerpt.Text(item.Name)}' stands in the header twice");
        }
    }

    private SafetensorsEntry ReadEntry(string name, JsonElement value)
    {
        var quoted = Excerpt.Text(name);
        if (value.ValueKind != JsonValueKind.Object)
            throw Invalid($"the description of tensor '{quoted}' is not a JSON object");
        var (dtype, extents, bounds) = ReadFields(quoted, value);
        if (dtype is not { ValueKind: JsonValueKind.String })
            throw Invalid($"tensor '{quoted}' has no dtype");
        var typeName = dtype.Value.GetString()!;
        if (!Enum.TryParse<SafetensorsType>(typeName, out var type) || type.ToString() != typeName)
        {
            throw Invalid(
                $"tensor '{quoted}' has the unknown dtype '{Excerpt.Text(typeName)}'; known: {string.Join(", ", Enum.GetNames<SafetensorsType>())}");
        }

        var shape = ReadNumbers(quoted, extents, "shape");
        var offsets = ReadNumbers(quoted, bounds, "data_offsets");
        if (offsets.Length != 2)
            throw Invalid($"tensor '{quoted}' has {offsets.Length} data_offsets, not 2");
        var (begin, end) = (offsets[0], offsets[1]);
        if (begin > end || end > _dataBytes)
            throw Invalid($"tensor '{quoted}' lies at bytes {begin} to {end} of {_dataBytes}");
        if (BytesOf(quoted, shape, type) != end - begin)
            throw Invalid($"tensor '{quoted}' of shape [{string.Join(", ", shape)}] and dtype {type} cannot take {end - begin} bytes");
        return new SafetensorsEntry(name, type, shape, _dataStart + begin, end - begin);
    }

    private (JsonElement? Type, JsonElement? Shape, JsonElement? Offsets) ReadFields(string quoted, JsonElement value)
    {
        JsonElement? type = null, shape = null, offsets = null;
        foreach (var field in value.EnumerateObject())
        {
            // Readers differ in which of two equal keys they believe.
            var repeated = field.Name switch
            {
                "dtype" => Replace(ref type, field.Value),
                "shape" => Replace(ref shape, field.Value),
                "data_offsets" => Replace(ref offsets, field.Value),
                _ => false,
            };
            if (repeated)
                throw Invalid($"tensor '{quoted}' has two {field.Name}");
        }

        return (type, shape, offsets);
    }

    private static bool Replace(ref JsonElement? field, JsonElement value)
    {
        var repeated = field is not null;
        field = value;
        return repeated;
    }

    private long[] ReadNumbers(string quoted, JsonElement? field, string key)
    {
        if (field is not { ValueKind: JsonValueKind.Array } array)
            throw Invalid($"tensor '{quoted}' has no {key}");
        if (array.GetArrayLength() > MaxDimensions)
            throw Invalid($"{key} of tensor '{quoted}' has more than {MaxDimensions} numbers");
        var numbers = new long[array.GetArrayLength()];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (array[i].ValueKind != JsonValueKind.Number || !array[i].TryGetInt64(out numbers[i]) || numbers[i] < 0)
                throw Invalid($"{key} of tensor '{quoted}' holds {Excerpt.Text(array[i].GetRawText())}, which is not a size");
        }

        return numbers;
    }

    private long BytesOf(string quoted, long[] shape, SafetensorsType type)
    {
        try
        {
            // libtorch computes strides of empty tensors too, as if each extent of 0 were 1, and must not overflow in that.
            long bytes = type.Size();
            foreach (var extent in shape)
                bytes = checked(bytes * Math.Max(1, extent));
            return shape.Contains(0) ? 0 : bytes;
        }
        catch (OverflowException exception)
        {
            throw Invalid($"the shape [{string.Join(", ", shape)}] of tensor '{quoted}' overflows", exception);
        }
    }

    private void RequireContiguous()
    {
        var expected = _dataStart;
        foreach (var entry in _entries.Values.OrderBy(e => e.Offset).ThenBy(e => e.Bytes))
        {
            if (entry.Offset < expected)
                throw Invalid($"tensor '{Excerpt.Text(entry.Name)}' overlaps the one before it");
            if (entry.Offset > expected)
                throw Invalid($"{entry.Offset - expected} bytes before tensor '{Excerpt.Text(entry.Name)}' belong to no tensor");
            expected += entry.Bytes;
        }

        if (expected != _dataStart + _dataBytes)
            throw Invalid($"{_dataStart + _dataBytes - expected} bytes at the end belong to no tensor");
    }
}
