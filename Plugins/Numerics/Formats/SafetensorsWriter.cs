using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Formats;

/// <summary>
/// Collects tensors and writes them as one safetensors file. Equal contents give equal bytes: tensors stand by falling
/// element size (which keeps each aligned), then by name; metadata by key.
/// </summary>
public sealed class SafetensorsWriter
{
    private const int ElementsAtOnce = 1 << 24;

    private readonly Dictionary<string, Payload> _payloads = new(StringComparer.Ordinal);

    /// <summary>What goes into <c>__metadata__</c>.</summary>
    public SortedDictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>Adds elements in row-major order; the memory is read by <see cref="Write"/>.</summary>
    /// <exception cref="ArgumentException">The name is taken, or the elements do not fill the shape.</exception>
    public void Add(string name, ReadOnlyMemory<float> elements, params ReadOnlySpan<long> shape) =>
        Add(name, SafetensorsType.F32, elements, shape);

    /// <inheritdoc cref="Add(string, ReadOnlyMemory{float}, ReadOnlySpan{long})"/>
    public void Add(string name, ReadOnlyMemory<double> elements, params ReadOnlySpan<long> shape) =>
        Add(name, SafetensorsType.F64, elements, shape);

    /// <inheritdoc cref="Add(string, ReadOnlyMemory{float}, ReadOnlySpan{long})"/>
    public void Add(string name, ReadOnlyMemory<long> elements, params ReadOnlySpan<long> shape) =>
        Add(name, SafetensorsType.I64, elements, shape);

    /// <inheritdoc cref="Add(string, ReadOnlyMemory{float}, ReadOnlySpan{long})"/>
    public void Add(string name, ReadOnlyMemory<int> elements, params ReadOnlySpan<long> shape) =>
        Add(name, SafetensorsType.I32, elements, shape);

    /// <inheritdoc cref="Add(string, ReadOnlyMemory{float}, ReadOnlySpan{long})"/>
    public void Add(string name, ReadOnlyMemory<byte> elements, params ReadOnlySpan<long> shape) =>
        Add(name, SafetensorsType.U8, elements, shape);

    /// <summary>Adds a tensor, which must live until <see cref="Write"/>.</summary>
    /// <exception cref="ArgumentException">The name is taken, or the type is not one of safetensors' known here.</exception>
    public void Add(string name, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        Add(name, new Payload(SafetensorsTypes.FromTorch(tensor.dtype), tensor.shape, stream => WriteTensor(stream, tensor)));
    }

    /// <summary>Writes the file and flushes it to the disk; an existing file is overwritten.</summary>
    public void Write(string path)
    {
        var ordered = _payloads
            .OrderByDescending(pair => pair.Value.Type.Size())
            .ThenBy(pair => pair.Key, StringComparer.Ordinal)
            .ToArray();
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        var header = Header(ordered);
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)header.Length);
        stream.Write(prefix);
        stream.Write(header);
        foreach (var (_, payload) in ordered)
            payload.WriteTo(stream);
        stream.Flush(flushToDisk: true);
    }

    private void Add<T>(string name, SafetensorsType type, ReadOnlyMemory<T> elements, ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        var payload = new Payload(type, shape.ToArray(), stream => stream.Write(MemoryMarshal.AsBytes(elements.Span)));
        if (payload.Bytes != (long)elements.Length * type.Size())
            throw new ArgumentException($"{elements.Length} elements do not fill the shape [{string.Join(", ", payload.Shape)}].", nameof(elements));
        Add(name, payload);
    }

    private void Add(string name, Payload payload)
    {
        if (name == SafetensorsHeader.MetadataKey)
            throw new ArgumentException($"'{name}' is reserved.", nameof(name));
        if (!_payloads.TryAdd(name, payload))
            throw new ArgumentException($"There is a tensor '{name}' already.", nameof(name));
    }

    private byte[] Header(KeyValuePair<string, Payload>[] ordered)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (Metadata.Count > 0)
            {
                json.WriteStartObject(SafetensorsHeader.MetadataKey);
                foreach (var (key, value) in Metadata)
                    json.WriteString(key, value);
                json.WriteEndObject();
            }

            long offset = 0;
            foreach (var (name, payload) in ordered)
            {
                WriteEntry(json, name, payload, offset);
                offset += payload.Bytes;
            }

            json.WriteEndObject();
        }

        // Spaces after the object align the elements to eight bytes.
        while (buffer.Length % sizeof(ulong) != 0)
            buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }

    private static void WriteEntry(Utf8JsonWriter json, string name, Payload payload, long offset)
    {
        json.WriteStartObject(name);
        json.WriteString("dtype", payload.Type.ToString());
        json.WriteStartArray("shape");
        foreach (var extent in payload.Shape)
            json.WriteNumberValue(extent);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(offset);
        json.WriteNumberValue(offset + payload.Bytes);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteTensor(Stream stream, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var flat = tensor.detach().contiguous().view(-1);
        var count = flat.numel();
        for (long start = 0; start < count; start += ElementsAtOnce)
        {
            // Piece by piece: a span ends at 2 GiB, and a tensor of a GPU needs host memory for one piece only.
            using var piece = flat.narrow(0, start, Math.Min(ElementsAtOnce, count - start)).cpu();
            stream.Write(piece.bytes);
        }
    }

    private sealed record Payload(SafetensorsType Type, long[] Shape, Action<Stream> WriteTo)
    {
        public long Bytes { get; } = Shape.Aggregate((long)Type.Size(), (bytes, extent) => checked(bytes * extent));
    }
}
