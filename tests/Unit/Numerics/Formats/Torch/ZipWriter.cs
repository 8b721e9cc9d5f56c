using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Orchestrator.Unit.Numerics.Formats.Torch;

/// <summary>
/// Writes a zip archive byte by byte as PyTorch does: stored records, aligned to 64 bytes by an extra field, sizes behind
/// the content, zip64 end records always.
/// </summary>
internal sealed class ZipWriter
{
    public const int CentralBytes = 46;

    private const int Alignment = 64;
    private const int LocalBytes = 30;
    private const ushort Flags = 0x0808;

    private readonly MemoryStream _zip = new();
    private readonly MemoryStream _directory = new();

    /// <summary>Where each record's local header begins.</summary>
    public List<int> LocalOffsets { get; } = [];

    /// <summary>Where each record's content begins.</summary>
    public List<int> ContentOffsets { get; } = [];

    /// <summary>Where each record's entry of the directory begins.</summary>
    public List<int> CentralOffsets { get; } = [];

    public void Add(string name, ReadOnlySpan<byte> content)
    {
        var nameBytes = Encoding.UTF8.GetBytes(name);
        var checksum = Crc32.HashToUInt32(content);
        var local = (int)_zip.Length;
        LocalOffsets.Add(local);
        var unpadded = local + LocalBytes + nameBytes.Length + 4;
        var padding = (Alignment - (unpadded % Alignment)) % Alignment;
        Write(_zip, "PK\u0003\u0004"u8, 0, (byte)0);
        Write16(_zip, Flags, 0, 0, 0);
        Write32(_zip, 0, 0, 0);
        Write16(_zip, (ushort)nameBytes.Length, (ushort)(padding + 4));
        _zip.Write(nameBytes);
        _zip.Write("FB"u8);
        Write16(_zip, (ushort)padding);
        for (var i = 0; i < padding; i++)
            _zip.WriteByte((byte)'Z');
        ContentOffsets.Add((int)_zip.Length);
        _zip.Write(content);
        _zip.Write("PK\u0007\u0008"u8);
        Write32(_zip, checksum, (uint)content.Length, (uint)content.Length);

        CentralOffsets.Add((int)_directory.Length);
        Write(_directory, "PK\u0001\u0002"u8, 0, (byte)0);
        Write16(_directory, 0, Flags, 0, 0, 0);
        Write32(_directory, checksum, (uint)content.Length, (uint)content.Length);
        Write16(_directory, (ushort)nameBytes.Length, 0, 0, 0, 0);
        Write32(_directory, 0, (uint)local);
        _directory.Write(nameBytes);
    }

    public byte[] Finish()
    {
        var (start, length) = ((uint)_zip.Length, (uint)_directory.Length);
        var count = (ushort)CentralOffsets.Count;
        for (var i = 0; i < count; i++)
            CentralOffsets[i] += (int)start;
        _zip.Write(_directory.ToArray());
        var end = (ulong)_zip.Length;
        _zip.Write("PK\u0006\u0006"u8);
        Write64(_zip, 44);
        Write16(_zip, 0x031e, 0x2d);
        Write32(_zip, 0, 0);
        Write64(_zip, count, count, length, start);
        _zip.Write("PK\u0006\u0007"u8);
        Write32(_zip, 0);
        Write64(_zip, end);
        Write32(_zip, 1);
        _zip.Write("PK\u0005\u0006"u8);
        Write16(_zip, 0, 0, count, count);
        Write32(_zip, length, start);
        Write16(_zip, 0);
        return _zip.ToArray();
    }

    private static void Write(MemoryStream stream, ReadOnlySpan<byte> signature, params ReadOnlySpan<byte> rest)
    {
        stream.Write(signature);
        stream.Write(rest);
    }

    private static void Write16(MemoryStream stream, params ReadOnlySpan<ushort> values)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        foreach (var value in values)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
            stream.Write(bytes);
        }
    }

    private static void Write32(MemoryStream stream, params ReadOnlySpan<uint> values)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        foreach (var value in values)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
            stream.Write(bytes);
        }
    }

    private static void Write64(MemoryStream stream, params ReadOnlySpan<ulong> values)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        foreach (var value in values)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
            stream.Write(bytes);
        }
    }
}
