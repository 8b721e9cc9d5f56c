using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Numerics.Tensors;
using static TorchSharp.torch;

namespace Orchestrator.Numerics.Formats;

/// <summary>
/// A file that holds elements of tensors, little-endian and row-major, read piece by piece: a span ends at 2 GiB, and a
/// conversion needs room for one piece only. Offsets are counted from the beginning of the file, and the caller has
/// checked that they lie inside. Not safe for several threads.
/// </summary>
internal sealed class ElementFile : IDisposable
{
    public const int PieceBytes = 1 << 24;

    private readonly SafeFileHandle _handle;

    private ElementFile(string path, SafeFileHandle handle)
    {
        Path = path;
        _handle = handle;
        Length = RandomAccess.GetLength(handle);
    }

    public string Path { get; }

    /// <summary>Bytes in all, when the file was opened.</summary>
    public long Length { get; }

    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static ElementFile Open(string path)
    {
        var handle = File.OpenHandle(path);
        try
        {
            return new ElementFile(path, handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <exception cref="InvalidDataException">The file ends too early.</exception>
    public void ReadExactly(Span<byte> destination, long offset)
    {
        while (destination.Length > 0)
        {
            var read = RandomAccess.Read(_handle, destination, offset);
            if (read == 0)
                throw new InvalidDataException($"{Path} ends before byte {offset + destination.Length}: it was cut while it was read.");
            destination = destination[read..];
            offset += read;
        }
    }

    /// <exception cref="InvalidDataException">They are more than an array holds.</exception>
    public T[] ReadArray<T>(string name, long offset, long count)
        where T : unmanaged
    {
        var elements = new T[RequireArray(name, count)];
        ReadInto(elements.AsSpan(), offset);
        return elements;
    }

    public void ReadInto<T>(Span<T> destination, long offset)
        where T : unmanaged
    {
        for (long size = Unsafe.SizeOf<T>(), start = 0; start < destination.Length; start += PieceBytes / size)
        {
            var piece = destination.Slice((int)start, (int)Math.Min(PieceBytes / size, destination.Length - start));
            ReadExactly(MemoryMarshal.AsBytes(piece), offset + (start * size));
        }
    }

    /// <summary>Floating-point elements as float32, see <see cref="SinglePrecision"/>.</summary>
    /// <exception cref="InvalidDataException">They are more than an array holds, or one is beyond float32.</exception>
    public float[] ReadSingles(string name, ScalarType type, long offset, long count) =>
        ToSingles(name, type, count, (bytes, start) => ReadExactly(bytes, offset + start));

    /// <summary>As <see cref="ReadSingles"/>, of a contiguous tensor on the CPU that was read.</summary>
    public float[] ToSingles(string name, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var flat = tensor.view(-1);
        var size = flat.element_size();
        return ToSingles(
            name,
            tensor.dtype,
            flat.numel(),
            (bytes, start) => flat.narrow(0, start / size, bytes.Length / size).bytes.CopyTo(bytes));
    }

    /// <summary>A new tensor; the caller disposes.</summary>
    /// <exception cref="InvalidDataException">A bool is neither 0 nor 1.</exception>
    public Tensor ReadTensor(string name, ScalarType type, ReadOnlySpan<long> shape, long offset, Device device)
    {
        var host = empty(shape, type, CPU);
        try
        {
            Fill(name, host, offset);
            return HostMemory.MovedTo(device, host);
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    public void Dispose() => _handle.Dispose();

    private float[] ToSingles(string name, ScalarType type, long count, SinglePrecision.PieceReader read)
    {
        var (singles, beyond) = SinglePrecision.Collect(type, RequireArray(name, count), read);
        return beyond is null
            ? singles
            : throw new InvalidDataException($"{Path}: tensor '{Excerpt.Text(name)}' holds {beyond}, which is beyond float32.");
    }

    private int RequireArray(string name, long count) =>
        count <= Array.MaxLength
            ? (int)count
            : throw new InvalidDataException($"{Path}: tensor '{Excerpt.Text(name)}' has {count} elements, more than an array holds ({Array.MaxLength}).");

    private void Fill(string name, Tensor host, long offset)
    {
        using var scope = NewDisposeScope();
        var flat = host.view(-1);
        var (count, size) = (flat.numel(), flat.element_size());
        for (long start = 0; start < count; start += PieceBytes / size)
        {
            var piece = flat.narrow(0, start, Math.Min(PieceBytes / size, count - start)).bytes;
            ReadExactly(piece, offset + (start * size));
            // Code compiled for bools relies on the two values.
            if (host.dtype == ScalarType.Bool && piece.ContainsAnyExceptInRange((byte)0, (byte)1))
                throw new InvalidDataException($"{Path}: tensor '{Excerpt.Text(name)}' is of bools, but a byte of it is neither 0 nor 1.");
        }
    }
}
