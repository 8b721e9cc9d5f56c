using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Formats;

/// <summary>Reads a safetensors file: the header at once, elements when asked for. Not safe for several threads.</summary>
public sealed class SafetensorsFile : IDisposable
{
    private readonly string _path;
    private readonly SafeFileHandle _handle;
    private readonly SafetensorsHeader _header;

    private SafetensorsFile(string path, SafeFileHandle handle, SafetensorsHeader header)
    {
        _path = path;
        _handle = handle;
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
        var handle = File.OpenHandle(path);
        try
        {
            return new SafetensorsFile(path, handle, ReadHeader(path, handle));
        }
        catch
        {
            handle.Dispose();
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
                $"{_path}: tensor '{name}' has shape [{string.Join(", ", entry.Shape)}], expected [{string.Join(", ", shape.ToArray())}].");
        }

        return entry;
    }

    /// <summary>The elements in row-major order; F16 and BF16 are widened.</summary>
    /// <exception cref="InvalidDataException">There is no such tensor, its elements are not F32, F16 or BF16, or it is over 2 GiB.</exception>
    public float[] ReadSingle(string name)
    {
        var entry = Find(name);
        switch (entry.Type)
        {
            case SafetensorsType.F32:
                return ReadArray<float>(entry);
            case SafetensorsType.F16:
                return Array.ConvertAll(ReadArray<Half>(entry), value => (float)value);
            case SafetensorsType.BF16:
                // A bfloat16 is the upper half of a float32.
                return Array.ConvertAll(ReadArray<ushort>(entry), value => BitConverter.UInt32BitsToSingle((uint)value << 16));
            default:
                throw WrongType(entry, "F32, F16 or BF16");
        }
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
    /// <exception cref="InvalidDataException">There is no such tensor, or it is over 2 GiB.</exception>
    public Tensor Read(string name, Device device)
    {
        var entry = Find(name);
        RequireOneSpan(entry);
        var host = empty(entry.Shape.ToArray(), entry.Type.ToTorch(), CPU);
        try
        {
            if (entry.Bytes > 0)
                Fill(entry, host.bytes);
            if (device.type == TorchSharp.DeviceType.CPU)
                return host;
            var there = host.to(device);
            host.Dispose();
            return there;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Reads an F32 tensor into memory that is there already.</summary>
    /// <exception cref="InvalidDataException">There is no such tensor, it is not F32, or it has another count of elements.</exception>
    public void ReadInto(string name, Span<float> destination)
    {
        var entry = Find(name, SafetensorsType.F32);
        if (entry.Elements != destination.Length)
            throw new InvalidDataException($"{_path}: tensor '{name}' has {entry.Elements} elements, expected {destination.Length}.");
        Fill(entry, MemoryMarshal.AsBytes(destination));
    }

    public void Dispose() => _handle.Dispose();

    private static SafetensorsHeader ReadHeader(string path, SafeFileHandle handle)
    {
        var length = RandomAccess.GetLength(handle);
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        if (length < prefix.Length)
            throw new InvalidDataException($"{path} is not a valid safetensors file: it has only {length} bytes.");
        ReadExactly(path, handle, prefix, 0);
        var headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerBytes > SafetensorsHeader.MaxBytes)
        {
            throw new InvalidDataException(
                $"{path} is not a valid safetensors file: its header claims {headerBytes} bytes, more than {SafetensorsHeader.MaxBytes}.");
        }

        var dataStart = prefix.Length + (long)headerBytes;
        if (dataStart > length)
        {
            throw new InvalidDataException(
                $"{path} is not a valid safetensors file: its header claims {headerBytes} bytes, the file has {length}.");
        }

        var json = new byte[headerBytes];
        ReadExactly(path, handle, json, prefix.Length);
        return SafetensorsHeader.Parse(path, json, dataStart, length - dataStart);
    }

    private static void ReadExactly(string path, SafeFileHandle handle, Span<byte> destination, long offset)
    {
        while (destination.Length > 0)
        {
            var read = RandomAccess.Read(handle, destination, offset);
            if (read == 0)
                throw new InvalidDataException($"{path} ends before byte {offset + destination.Length}: it was cut while it was read.");
            destination = destination[read..];
            offset += read;
        }
    }

    private SafetensorsEntry Find(string name) =>
        Entries.TryGetValue(name, out var entry)
            ? entry
            : throw new InvalidDataException($"{_path} has no tensor '{name}'; it has: {string.Join(", ", Entries.Keys.Order(StringComparer.Ordinal))}.");

    private SafetensorsEntry Find(string name, SafetensorsType type)
    {
        var entry = Find(name);
        return entry.Type == type ? entry : throw WrongType(entry, type.ToString());
    }

    private InvalidDataException WrongType(SafetensorsEntry entry, string expected) =>
        new($"{_path}: tensor '{entry.Name}' has dtype {entry.Type}, expected {expected}.");

    private T[] ReadArray<T>(SafetensorsEntry entry)
        where T : unmanaged
    {
        RequireOneSpan(entry);
        var elements = new T[entry.Elements];
        Fill(entry, MemoryMarshal.AsBytes(elements.AsSpan()));
        return elements;
    }

    private void RequireOneSpan(SafetensorsEntry entry)
    {
        if (entry.Bytes > int.MaxValue)
            throw new InvalidDataException($"{_path}: tensor '{entry.Name}' of {entry.Bytes} bytes is over 2 GiB.");
    }

    private void Fill(SafetensorsEntry entry, Span<byte> destination) =>
        ReadExactly(_path, _handle, destination, entry.Offset);
}
