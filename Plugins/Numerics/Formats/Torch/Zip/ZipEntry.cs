using System.Buffers.Binary;
using System.Text;

namespace Orchestrator.Numerics.Formats.Torch.Zip;

/// <summary>
/// One entry of a zip archive's directory (APPNOTE 4.3.12). Only what one file holds in the clear is let through.
/// </summary>
internal readonly record struct ZipEntry(string Name, long Header, long Length, uint Checksum, int Method)
{
    public const int FixedBytes = 46;

    private const uint Signature = 0x02014b50;
    private const int Encrypted = 1;
    private const ushort WideField = 1;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The entry at the beginning of the bytes, which it is cut from.</summary>
    /// <exception cref="InvalidDataException">It is malformed or encrypted, or its name leads out of the archive.</exception>
    public static ZipEntry Read(string path, ref ReadOnlySpan<byte> directory)
    {
        if (directory.Length < FixedBytes || BinaryPrimitives.ReadUInt32LittleEndian(directory) != Signature)
            throw ArchiveFault.In(path, "its zip directory holds something that is not an entry");
        int nameBytes = UInt16(directory, 28), extraBytes = UInt16(directory, 30), commentBytes = UInt16(directory, 32);
        var entry = directory[..FixedBytes];
        var rest = directory[FixedBytes..];
        if (rest.Length < nameBytes + extraBytes + commentBytes)
            throw ArchiveFault.In(path, "an entry of its zip directory is longer than the directory");
        var name = ReadName(path, rest[..nameBytes]);
        var extra = rest.Slice(nameBytes, extraBytes);
        directory = rest[(nameBytes + extraBytes + commentBytes)..];

        var quoted = Excerpt.Text(name);
        if ((UInt16(entry, 8) & Encrypted) != 0)
            throw ArchiveFault.In(path, $"its record '{quoted}' is encrypted");
        ulong packed = UInt32(entry, 20), length = UInt32(entry, 24), header = UInt32(entry, 42);
        if (!Widen(extra, ref length, ref packed, ref header))
            throw ArchiveFault.In(path, $"the extra fields of its record '{quoted}' are malformed");
        if (UInt16(entry, 34) is not (0 or ushort.MaxValue))
            throw ArchiveFault.In(path, "the zip archive spans several disks");
        int method = UInt16(entry, 10);
        if (method == 0 && packed != length)
            throw ArchiveFault.In(path, $"its record '{quoted}' is stored, but has {packed} bytes for {length}");
        if (packed > long.MaxValue || header > long.MaxValue)
            throw ArchiveFault.In(path, $"the place of its record '{quoted}' overflows");
        return new ZipEntry(name, (long)header, (long)packed, UInt32(entry, 16), method);
    }

    private static string ReadName(string path, ReadOnlySpan<byte> bytes)
    {
        string name;
        try
        {
            name = Strict.GetString(bytes);
        }
        catch (DecoderFallbackException exception)
        {
            throw new InvalidDataException(ArchiveFault.In(path, "the name of a record is not UTF-8").Message, exception);
        }

        // Nothing is ever written under these names; a name that no writer of such archives chooses is refused all the same.
        var isPlain = name.Split('/').All(part => part is not ("" or "." or "..")) && !name.Contains('\\') && !name.Any(char.IsControl);
        return isPlain ? name : throw ArchiveFault.In(path, $"its record '{Excerpt.Text(name)}' has a name that leads out of the archive or is no file's");
    }

    /// <summary>Takes from the zip64 field, in this order, what did not fit.</summary>
    private static bool Widen(ReadOnlySpan<byte> extra, ref ulong length, ref ulong packed, ref ulong header)
    {
        while (extra.Length >= 4)
        {
            int kind = UInt16(extra, 0), bytes = UInt16(extra, 2);
            if (bytes > extra.Length - 4)
                return false;
            var field = extra.Slice(4, bytes);
            extra = extra[(4 + bytes)..];
            if (kind != WideField)
                continue;
            return Take(ref field, ref length) && Take(ref field, ref packed) && Take(ref field, ref header);
        }

        return length != uint.MaxValue && packed != uint.MaxValue && header != uint.MaxValue;
    }

    private static bool Take(ref ReadOnlySpan<byte> field, ref ulong value)
    {
        if (value != uint.MaxValue)
            return true;
        if (field.Length < sizeof(ulong))
            return false;
        value = BinaryPrimitives.ReadUInt64LittleEndian(field);
        field = field[sizeof(ulong)..];
        return true;
    }

    private static ushort UInt16(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..]);

    private static uint UInt32(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);
}
