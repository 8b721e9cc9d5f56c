using System.Buffers.Binary;

namespace Orchestrator.Numerics.Formats.Torch.Zip;

/// <summary>
/// Where the directory of a zip archive lies, read from its end (APPNOTE 4.3.14 to 4.3.16). Only archives that end with
/// the end record, without a comment, have one reading: all others are refused.
/// </summary>
/// <param name="Offset">First byte of the directory.</param>
/// <param name="Length">Bytes of the directory.</param>
/// <param name="Count">Files in the archive.</param>
internal readonly record struct ZipBounds(long Offset, long Length, long Count)
{
    private const uint EndSignature = 0x06054b50;
    private const uint LocatorSignature = 0x07064b50;
    private const uint WideEndSignature = 0x06064b50;
    private const int EndBytes = 22;
    private const int LocatorBytes = 20;
    private const int WideEndBytes = 56;

    /// <exception cref="InvalidDataException">There is no such end, or it contradicts itself.</exception>
    public static ZipBounds Read(ElementFile file)
    {
        if (file.Length < EndBytes)
            throw ArchiveFault.In(file.Path, $"it has only {file.Length} bytes");
        var endOffset = file.Length - EndBytes;
        Span<byte> end = stackalloc byte[EndBytes];
        file.ReadExactly(end, endOffset);
        if (BinaryPrimitives.ReadUInt32LittleEndian(end) != EndSignature || UInt16(end, 20) != 0)
        {
            throw ArchiveFault.In(
                file.Path, "it does not end with the end record of a zip archive: it was cut, or something follows or comments the archive");
        }

        if (UInt16(end, 4) != UInt16(end, 6) || UInt16(end, 8) != UInt16(end, 10) || UInt16(end, 4) is not (0 or ushort.MaxValue))
            throw ArchiveFault.In(file.Path, "the zip archive spans several disks");
        var narrow = new ZipBounds(UInt32(end, 16), UInt32(end, 12), UInt16(end, 10));
        var (bounds, directoryEnd) = ReadWide(file, endOffset, narrow) ?? (narrow, endOffset);
        // The subtraction cannot overflow: both are at least 0.
        if (bounds.Offset > directoryEnd || bounds.Length != directoryEnd - bounds.Offset)
        {
            throw ArchiveFault.In(
                file.Path, $"its zip directory claims {bounds.Length} bytes from byte {bounds.Offset}, but must end at byte {directoryEnd}");
        }

        return bounds;
    }

    /// <summary>The wide (zip64) bounds and where their record starts; null: there are none.</summary>
    private static (ZipBounds Bounds, long RecordOffset)? ReadWide(ElementFile file, long endOffset, ZipBounds narrow)
    {
        var locatorOffset = endOffset - LocatorBytes;
        if (locatorOffset < WideEndBytes)
            return null;
        Span<byte> bytes = stackalloc byte[WideEndBytes + LocatorBytes];
        var recordOffset = locatorOffset - WideEndBytes;
        file.ReadExactly(bytes, recordOffset);
        var locator = bytes[WideEndBytes..];
        if (BinaryPrimitives.ReadUInt32LittleEndian(locator) != LocatorSignature)
            return null;
        var claimed = UInt64(locator, 8);
        if (claimed != (ulong)recordOffset || UInt32(bytes, 0) != WideEndSignature)
            throw ArchiveFault.In(file.Path, $"its zip64 end record should be at byte {recordOffset}, the locator says {claimed}");
        if (UInt32(bytes, 16) != 0 || UInt32(bytes, 20) != 0 || UInt64(bytes, 24) != UInt64(bytes, 32))
            throw ArchiveFault.In(file.Path, "the zip archive spans several disks");
        ulong count = UInt64(bytes, 32), length = UInt64(bytes, 40), offset = UInt64(bytes, 48);
        if (count > long.MaxValue || length > long.MaxValue || offset > long.MaxValue)
            throw ArchiveFault.In(file.Path, "its zip64 end record overflows");
        var wide = new ZipBounds((long)offset, (long)length, (long)count);
        var agrees = Agrees(narrow.Offset, wide.Offset, uint.MaxValue)
            && Agrees(narrow.Length, wide.Length, uint.MaxValue)
            && Agrees(narrow.Count, wide.Count, ushort.MaxValue);
        return agrees ? (wide, recordOffset) : throw ArchiveFault.In(file.Path, "its two zip end records contradict each other");
    }

    private static bool Agrees(long narrow, long wide, long elsewhere) => narrow == wide || narrow == elsewhere;

    private static ushort UInt16(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..]);

    private static uint UInt32(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);

    private static ulong UInt64(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]);
}
