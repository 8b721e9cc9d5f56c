using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Orchestrator.Numerics.Formats.Torch.Zip;

/// <summary>
/// The records of a zip archive in which nothing is compressed. All are found and checked against the file's length and
/// against each other at once; contents are read when asked for. Since every record lies in the file as it is and by
/// itself, no archive can make a reader allocate more than its own size.
/// </summary>
internal sealed class StoredZip
{
    private const int MaxDirectoryBytes = 1 << 24;
    private const uint LocalSignature = 0x04034b50;
    private const int LocalBytes = 30;
    private const int ChecksumBytes = 1 << 20;

    private readonly ElementFile _file;
    private readonly Dictionary<string, StoredRecord> _records;
    private readonly HashSet<string> _verified = new(StringComparer.Ordinal);

    private StoredZip(ElementFile file, Dictionary<string, StoredRecord> records)
    {
        _file = file;
        _records = records;
    }

    /// <summary>The records by their whole names.</summary>
    public IReadOnlyDictionary<string, StoredRecord> Records => _records;

    /// <exception cref="InvalidDataException">The archive is malformed or ambiguous.</exception>
    public static StoredZip Read(ElementFile file)
    {
        var bounds = ZipBounds.Read(file);
        if (bounds.Length > MaxDirectoryBytes)
            throw ArchiveFault.In(file.Path, $"its zip directory takes {bounds.Length} bytes, more than {MaxDirectoryBytes}");
        if (bounds.Count > bounds.Length / ZipEntry.FixedBytes)
            throw ArchiveFault.In(file.Path, $"its zip directory of {bounds.Length} bytes cannot hold {bounds.Count} records");
        var directory = new byte[bounds.Length];
        file.ReadExactly(directory, bounds.Offset);
        ReadOnlySpan<byte> rest = directory;
        var records = new Dictionary<string, StoredRecord>((int)bounds.Count, StringComparer.Ordinal);
        for (long i = 0; i < bounds.Count; i++)
        {
            var entry = ZipEntry.Read(file.Path, ref rest);
            if (!records.TryAdd(entry.Name, Locate(file, entry, bounds.Offset)))
                throw ArchiveFault.In(file.Path, $"it has two records '{Excerpt.Text(entry.Name)}'");
        }

        if (!rest.IsEmpty)
            throw ArchiveFault.In(file.Path, $"its zip directory has {rest.Length} bytes after {bounds.Count} records");
        RequireApart(file.Path, records.Values);
        return new StoredZip(file, records);
    }

    /// <exception cref="InvalidDataException">A record is compressed.</exception>
    public void RequireStored()
    {
        if (_records.Values.FirstOrDefault(record => record.Method != 0) is { } compressed)
        {
            throw ArchiveFault.In(
                _file.Path,
                $"its record '{Excerpt.Text(compressed.Name)}' is compressed (method {compressed.Method}); PyTorch stores records as they are (method 0)");
        }
    }

    /// <summary>The content of a small record.</summary>
    /// <exception cref="InvalidDataException">It is longer than allowed, or damaged.</exception>
    public byte[] ReadAll(StoredRecord record, int maxBytes)
    {
        if (record.Length > maxBytes)
            throw ArchiveFault.In(_file.Path, $"its record '{Excerpt.Text(record.Name)}' has {record.Length} bytes, more than {maxBytes}");
        Verify(record);
        var content = new byte[record.Length];
        _file.ReadExactly(content, record.Offset);
        return content;
    }

    /// <summary>Compares the content with its checksum, once for each record.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public void Verify(StoredRecord record)
    {
        if (_verified.Contains(record.Name))
            return;
        var checksum = new Crc32();
        var buffer = new byte[Math.Min(ChecksumBytes, record.Length)];
        for (var offset = record.Offset; offset < record.End; offset += buffer.Length)
        {
            var piece = buffer.AsSpan(0, (int)Math.Min(buffer.Length, record.End - offset));
            _file.ReadExactly(piece, offset);
            checksum.Append(piece);
        }

        if (checksum.GetCurrentHashAsUInt32() != record.Checksum)
        {
            throw ArchiveFault.In(
                _file.Path,
                $"its record '{Excerpt.Text(record.Name)}' has the checksum {checksum.GetCurrentHashAsUInt32():x8}, the directory says " +
                $"{record.Checksum:x8}: the file is damaged, or was saved without checksums");
        }

        _verified.Add(record.Name);
    }

    /// <summary>Finds the content behind the record's local header, which must have the same name.</summary>
    private static StoredRecord Locate(ElementFile file, ZipEntry entry, long directoryOffset)
    {
        var quoted = Excerpt.Text(entry.Name);
        Span<byte> local = stackalloc byte[LocalBytes];
        if (entry.Header > directoryOffset - LocalBytes)
            throw ArchiveFault.In(file.Path, $"its record '{quoted}' starts at byte {entry.Header}, not before the zip directory at byte {directoryOffset}");
        file.ReadExactly(local, entry.Header);
        int nameBytes = BinaryPrimitives.ReadUInt16LittleEndian(local[26..]), extraBytes = BinaryPrimitives.ReadUInt16LittleEndian(local[28..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(local) != LocalSignature || !HasName(file, entry, nameBytes, directoryOffset))
            throw ArchiveFault.In(file.Path, $"the header of its record '{quoted}' is not at byte {entry.Header}, where the zip directory says");
        var record = new StoredRecord(
            entry.Name, entry.Header, entry.Header + LocalBytes + nameBytes + extraBytes, entry.Length, entry.Checksum, entry.Method);
        if (record.Offset > directoryOffset || record.Length > directoryOffset - record.Offset)
        {
            throw ArchiveFault.In(
                file.Path, $"its record '{quoted}' claims {record.Length} bytes from byte {record.Offset}, beyond the zip directory at byte {directoryOffset}");
        }

        return record;
    }

    private static bool HasName(ElementFile file, ZipEntry entry, int nameBytes, long directoryOffset)
    {
        var expected = Encoding.UTF8.GetBytes(entry.Name);
        if (nameBytes != expected.Length || entry.Header + LocalBytes > directoryOffset - nameBytes)
            return false;
        var name = new byte[nameBytes];
        file.ReadExactly(name, entry.Header + LocalBytes);
        return name.AsSpan().SequenceEqual(expected);
    }

    private static void RequireApart(string path, IEnumerable<StoredRecord> records)
    {
        StoredRecord? before = null;
        foreach (var record in records.OrderBy(record => record.Header))
        {
            if (before is not null && record.Header < before.End)
                throw ArchiveFault.In(path, $"its records '{Excerpt.Text(before.Name)}' and '{Excerpt.Text(record.Name)}' overlap");
            before = record;
        }
    }
}
