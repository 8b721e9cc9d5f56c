using System.Buffers.Binary;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Formats;

/// <summary>Reads a safetensors file: the header at once, elements when asked for. Not safe for several threads.</summary>
public sealed class SafetensorsFile : IDisposable
{
    private readonly ElementFile _file;
    private readonly SafetensorsHeader _header;

    private SafetensorsFile(ElementFile file, SafetensorsHeader header)
    {
        _file = file;
        _header = header;
    }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _header.Entries;

    /// <summary><c>__metadata__</c>; empty where the file has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <exception cref="InvalidDataException">The file is not a valid safetensors file; the message says why.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static SafetensorsFile Open(string path)
    {
        var file = ElementFile.Open(path);
        try
        {
            return new SafetensorsFile(file, ReadHeader(file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The entry of that name, which must have that shape.</summary>
    /// <exception cref="InvalidDataException">There is none, or it has another shape.</exception>
    public SafetensorsEntry Require(string name, params ReadOnlySpan<long> shape)
    {
        var entry = Find(name);
        if (!shape.SequenceEqual(entry.Shape.ToArray()))
        {
            throw new InvalidDataException(
                $"{_file.Path}: tensor '{Excerpt.Text(name)}' has shape [{string.Join(", ", entry.Shape)}], expected [{string.Join(", ", shape.ToArray())}].");
        }

        return entry;
    }

    /// <summary>
    /// The elements in row-major order. F16 and BF16 widen exactly; F64 is rounded to the nearest float32.
    /// </summary>
    /// <exception cref="InvalidDataException">
    /// There is no such tensor, it is of another type, has more elements than an array holds, or has a finite F64 beyond
    /// float32.
    /// </exception>
    public float[] ReadSingle(string name)
    {
        var entry = Find(name);
        return entry.Type.ToTorch() is { } type && SinglePrecision.Converts(type)
            ? _file.ReadSingles(name, type, entry.Offset, entry.Elements)
            : throw WrongType(entry, "F32, F16, BF16 or F64");
    }

    /// <summary>The elements in row-major order.</summary>
    /// <exception cref="InvalidDataException">There is no such tensor, or its elements are not F64.</exception>
    public double[] ReadDouble(string name) => ReadArray<double>(Find(name, SafetensorsType.F64));

    /// <summary>The elements in row-major order.</summary>
    /// <exception cref="InvalidDataException">There is no such tensor, or its elements are not I64.</exception>
    public long[] ReadInt64(string name) => ReadArray<long>(Find(name, SafetensorsType.I64));

    /// <summary>The elements in row-major order.</summary>
    /// <exception cref="InvalidDataException">There is no such tensor, or its elements are not I32.</exception>
    public int[] ReadInt32(string name) => ReadArray<int>(Find(name, SafetensorsType.I32));

    /// <summary>The elements in row-major order.</summary>
    /// <exception cref="InvalidDataException">There is no such tensor, or its elements are not U8.</exception>
    public byte[] ReadByte(string name) => ReadArray<byte>(Find(name, SafetensorsType.U8));

    /// <summary>The tensor, with the type it has in the file; the caller disposes.</summary>
    /// <exception cref="InvalidDataException">There is no such tensor, or tensors of its type are not made here.</exception>
    public Tensor Read(string name, Device device)
    {
        var entry = Find(name);
        var type = entry.Type.ToTorch()
            ?? throw WrongType(entry, string.Join(", ", Enum.GetValues<SafetensorsType>().Where(known => known.ToTorch() is not null)));
        return _file.ReadTensor(name, type, entry.Shape.ToArray(), entry.Offset, device);
    }

    /// <summary>Reads an F32 tensor into memory that is there already.</summary>
    /// <exception cref="InvalidDataException">There is no such tensor, it is not F32, or it has another count of elements.</exception>
    public void ReadInto(string name, Span<float> destination)
    {
        var entry = Find(name, SafetensorsType.F32);
        if (entry.Elements != destination.Length)
            throw new InvalidDataException($"{_file.Path}: tensor '{Excerpt.Text(name)}' has {entry.Elements} elements, expected {destination.Length}.");
        _file.ReadInto(destination, entry.Offset);
    }

    public void Dispose() => _file.Dispose();

    private static SafetensorsHeader ReadHeader(ElementFile file)
    {
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        if (file.Length < prefix.Length)
            throw new InvalidDataException($"{file.Path} is not a valid safetensors file: it has only {file.Length} bytes.");
        file.ReadExactly(prefix, 0);
        var headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerBytes > SafetensorsHeader.MaxBytes)
        {
            throw new InvalidDataException(
                $"{file.Path} is not a valid safetensors file: its header claims {headerBytes} bytes, more than {SafetensorsHeader.MaxBytes}.");
        }

        var dataStart = prefix.Length + (long)headerBytes;
        if (dataStart > file.Length)
        {
            throw new InvalidDataException(
                $"{file.Path} is not a valid safetensors file: its header claims {headerBytes} bytes, the file has {file.Length}.");
        }

        var json = new byte[headerBytes];
        file.ReadExactly(json, prefix.Length);
        return SafetensorsHeader.Parse(file.Path, json, dataStart, file.Length - dataStart);
    }

    private SafetensorsEntry Find(string name) =>
        Entries.TryGetValue(name, out var entry)
            ? entry
            : throw new InvalidDataException($"{_file.Path} has no tensor '{Excerpt.Text(name)}'; it has: {Excerpt.Names([.. Entries.Keys])}.");

    private SafetensorsEntry Find(string name, SafetensorsType type)
    {
        var entry = Find(name);
        return entry.Type == type ? entry : throw WrongType(entry, type.ToString());
    }

    private InvalidDataException WrongType(SafetensorsEntry entry, string expected) =>
        new($"{_file.Path}: tensor '{Excerpt.Text(entry.Name)}' has dtype {entry.Type}, expected {expected}.");

    private T[] ReadArray<T>(SafetensorsEntry entry)
        where T : unmanaged =>
        _file.ReadArray<T>(entry.Name, entry.Offset, entry.Elements);
}
