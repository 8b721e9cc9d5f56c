using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Xunit;
using static TorchSharp.torch;

namespace Orchestrator.Unit.Numerics.Formats.Torch;

/// <summary>What files and zip archives are refused for.</summary>
public sealed class TorchContainerTests : IDisposable
{
    // Offsets inside an entry of the directory (APPNOTE 4.3.12).
    private const int EntryFlags = 8;
    private const int EntryMethod = 10;
    private const int EntryPacked = 20;
    private const int EntryLength = 24;
    private const int EntryNameBytes = 28;
    private const int EntryDisk = 34;
    private const int EntryHeader = 42;

    private readonly ArchiveFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public void Open_NamesOtherKindsOfFiles()
    {
        Refuses([], "it is empty");
        Refuses(
            Convert.FromHexString("80028A0A6CFC9C46F9206AA850192E8002"),
            "it is in the format of PyTorch before 1.6, which only a whole unpickler can read; load it in PyTorch and save it again");
        Refuses(Convert.FromHexString("80049501"), "it is a bare pickle");
        Refuses([.. BitConverter.GetBytes(2UL), .. "{}"u8], "it is a safetensors file");
        // Its length begins as a pickle does.
        Refuses([.. BitConverter.GetBytes(0x0280UL), .. "{"u8, .. new byte[0x27f]], "it is a safetensors file");
        Refuses([.. "PYTORCH1"u8, .. new byte[20]], "a preview of PyTorch 1.0");
        Refuses("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n"u8.ToArray(), "Git LFS has not fetched");
        Refuses("<!DOCTYPE html><html></html>"u8.ToArray(), "it is a web page");
        Refuses([0x1f, 0x8b, 8, 0], "it is compressed with gzip");
        Refuses("text"u8.ToArray(), "it begins with the bytes 74657874, not as a zip archive");
    }

    [Fact]
    public void Open_NamesOtherKindsOfZipArchives()
    {
        Refuses(Zip(("archive/data.pkl", "N."), ("archive/constants.pkl", "N."), ("archive/version", "3\n")), "it is a TorchScript program");
        Refuses(Zip(("archive/data.pkl", "N."), ("archive/code/__torch__.py", "x"), ("archive/version", "3\n")), "it is a TorchScript program");
        Refuses(Zip(("word/document.xml", "x"), ("word/a.xml", "x")), "without data.pkl; it has word/a.xml, word/document.xml");
        Refuses(Zip(("weights.npy", "x")), "records do not share one folder: 'weights.npy'");
        Refuses(Zip(("archive/data.pkl", "N."), ("other/data.pkl", "N.")), "records do not share one folder: 'archive/data.pkl', 'other/data.pkl'");
        Refuses(new ZipWriter().Finish(), "it begins with the bytes 504B0606");
    }

    [Theory]
    [InlineData("version", "0\n", "its version is '0', not from 1 to 10")]
    [InlineData("version", "11\n", "its version is '11', not from 1 to 10")]
    [InlineData("version", "x", "its version is 'x', not from 1 to 10")]
    [InlineData("version", "33333333333333333333", "its version is '33333333333333333333'")]
    [InlineData("byteorder", "big", "its byte order is 'big', not 'little'")]
    [InlineData("byteorder", "middle", "its byte order is 'middle', not 'little'")]
    public void Open_RefusesOtherVersionsAndByteOrders(string record, string content, string problem)
    {
        var writer = Archive();
        writer.Records[record] = Encoding.ASCII.GetBytes(content);

        Assert.Contains(problem, _file.Refusal(writer));
    }

    [Fact]
    public void Open_LimitsWhatItReadsAtOnce()
    {
        var writer = Archive();
        writer.Records["version"] = new byte[65];
        Assert.Contains("'archive/version' has 65 bytes, more than 64", _file.Refusal(writer));

        writer = Archive();
        writer.Records["data.pkl"] = new byte[(1 << 26) + 1];
        Assert.Contains("'archive/data.pkl' has 67108865 bytes, more than 67108864", _file.Refusal(writer));
    }

    [Fact]
    public void Open_TakesTheVersionFromEitherPlace()
    {
        var writer = Archive();
        writer.Records.Remove("version");
        Assert.Contains("it has no record 'version'", _file.Refusal(writer));

        writer.Records.Add(".data/version", "6\n"u8.ToArray());
        using var archive = _file.Open(writer);
        Assert.Single(archive.Entries);
    }

    [Fact]
    public void Open_RefusesEveryTruncation()
    {
        var whole = Archive().ToBytes();
        for (var length = 0; length < whole.Length; length++)
            _file.Refusal(whole[..length]);
        using var archive = _file.Open(whole);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("PK\u0005\u0006\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")]
    public void Open_RefusesWhatFollowsTheArchive(string trailer) =>
        _file.Refusal([.. Archive().ToBytes(), .. Encoding.Latin1.GetBytes(trailer)]);

    [Fact]
    public void Open_RefusesCommentsOnTheArchive() =>
        Refuses([.. Archive().ToBytes()[..^2], 1, 0, (byte)'x'], "does not end with the end record of a zip archive");

    [Fact]
    public void Open_RefusesDamagedPickles() =>
        Refuses(Changed((bytes, zip) => bytes[zip.ContentOffsets[0] + 10] ^= 1), "record 'archive/data.pkl' has the checksum");

    [Fact]
    public void Read_RefusesDamagedStorages()
    {
        using var archive = _file.Open(Changed((bytes, zip) => bytes[zip.ContentOffsets[4] + 3] ^= 1));

        var message = Assert.Throws<InvalidDataException>(() => archive.Read("w", CPU)).Message;
        Assert.Contains("its record 'archive/data/0' has the checksum", message);
        Assert.Contains("the file is damaged, or was saved without checksums", message);
        Assert.Throws<InvalidDataException>(() => archive.ReadSingle("w"));
        Assert.Throws<InvalidDataException>(() => archive.ReadNumber("w"));
    }

    [Fact]
    public void Open_RefusesTwoRecordsOfOneName() =>
        Refuses(Zip(("archive/data.pkl", "N."), ("archive/version", "3\n"), ("archive/data.pkl", "N.")), "it has two records 'archive/data.pkl'");

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("archive/../../passwd")]
    [InlineData("archive/./x")]
    [InlineData("archive//x")]
    [InlineData("archive/")]
    [InlineData("archive\\x")]
    [InlineData("archive/a\0b")]
    [InlineData("..")]
    [InlineData("")]
    public void Open_RefusesNamesThatLeadElsewhere(string name) =>
        Refuses(Zip(("archive/data.pkl", "N."), (name, "x")), "has a name that leads out of the archive or is no file's");

    [Fact]
    public void Open_RefusesRecordsThatOverlap()
    {
        // Both entries lead to the pickle; then the pickle reaches into the next header.
        Refuses(
            Changed((bytes, zip) =>
            {
                "archive/data.pkl"u8.CopyTo(bytes.AsSpan(zip.CentralOffsets[4] + ZipWriter.CentralBytes));
                Put32(bytes, zip.CentralOffsets[4] + EntryHeader, (uint)zip.LocalOffsets[0]);
            }),
            "is not at byte 0, where the zip directory says");
        Refuses(
            Changed((bytes, zip) =>
            {
                Put32(bytes, zip.CentralOffsets[0] + EntryPacked, 5000);
                Put32(bytes, zip.CentralOffsets[0] + EntryLength, 5000);
            }),
            "its record 'archive/data.pkl' claims 5000 bytes");
        Refuses(
            Changed((bytes, zip) =>
            {
                var reach = (uint)(zip.LocalOffsets[1] + 1 - zip.ContentOffsets[0]);
                Put32(bytes, zip.CentralOffsets[0] + EntryPacked, reach);
                Put32(bytes, zip.CentralOffsets[0] + EntryLength, reach);
            }),
            "its records 'archive/data.pkl' and 'archive/.format_version' overlap");
    }

    [Fact]
    public void Open_RefusesEntriesThatCannotBeRead()
    {
        RefusesEntry(EntryMethod, 8, "is compressed (method 8); PyTorch stores records as they are (method 0)");
        RefusesEntry(EntryFlags, 0x0809, "is encrypted");
        RefusesEntry(EntryDisk, 1, "spans several disks");
        RefusesEntry(EntryNameBytes, 0xffff, "longer than the directory");
        RefusesEntry(EntryNameBytes, 12, "");
        RefusesEntry(EntryPacked, 3, "is stored, but has");
        RefusesEntry(EntryHeader, 1, "is not at byte 1, where the zip directory says");
        RefusesEntry(EntryHeader + 2, 0x7fff, "not before the zip directory");
        RefusesEntry(0, 0, "holds something that is not an entry");
    }

    [Fact]
    public void Open_RefusesZip64FieldsThatAreMissing() =>
        Refuses(Changed((bytes, zip) => Put32(bytes, zip.CentralOffsets[0] + EntryHeader, uint.MaxValue)), "the extra fields of its record 'archive/data.pkl' are malformed");

    [Theory]
    [InlineData(-22 + 8, 2, "several disks")]
    [InlineData(-22 + 4, 2, "several disks")]
    [InlineData(-22 + 12, 4, "contradict each other")]
    [InlineData(-22 + 16, 4, "contradict each other")]
    [InlineData(-42 + 8, 4, "zip64 end record should be at byte")]
    [InlineData(-98, 4, "zip64 end record should be at byte")]
    [InlineData(-98 + 16, 4, "several disks")]
    [InlineData(-98 + 24, 4, "several disks")]
    [InlineData(-98 + 40, 4, "contradict each other")]
    [InlineData(-98 + 55, 1, "overflows")]
    public void Open_RefusesEndsThatContradictThemselves(int offset, int width, string problem)
    {
        var bytes = Archive().ToBytes();
        // The highest bit of the field, which the file uses nowhere.
        bytes[bytes.Length + offset + width - 1] ^= 0x80;

        Refuses(bytes, problem);
    }

    [Fact]
    public void Open_RefusesBytesBetweenTheDirectoryAndItsEnd()
    {
        var bytes = Archive().ToBytes();
        var end = bytes.Length - 98;
        bytes = [.. bytes[..end], 1, 2, 3, 4, .. bytes[end..]];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(bytes.Length - 42 + 8), (ulong)end + 4);

        Refuses(bytes, $"but must end at byte {end + 4}");
    }

    [Theory]
    [InlineData(3UL, "bytes after 3 records")]
    [InlineData(1000UL, "cannot hold 1000 records")]
    [InlineData(8UL, "not an entry")]
    public void Open_RefusesWrongCountsOfRecords(ulong count, string problem)
    {
        var bytes = Archive().ToBytes();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(bytes.Length - 98 + 24), count);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(bytes.Length - 98 + 32), count);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(bytes.Length - 22 + 8), ushort.MaxValue);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(bytes.Length - 22 + 10), ushort.MaxValue);

        Refuses(bytes, problem);
    }

    /// <summary>Other tools write records plainly: local sizes, no alignment, no zip64.</summary>
    [Fact]
    public void Open_TakesArchivesThatWereStoredAnew()
    {
        var writer = Archive();
        using var buffer = new MemoryStream();
        using (var zip = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in writer.Records)
            {
                using var stream = zip.CreateEntry("archive/" + name, CompressionLevel.NoCompression).Open();
                stream.Write(content);
            }
        }

        using var archive = _file.Open(buffer.ToArray());
        Assert.Equal([1f, 2], archive.ReadSingle("w"));
    }

    [Fact]
    public void Read_RefusesBytesThatAreNoBools()
    {
        var writer = new TorchArchiveWriter();
        using var archive = _file.Open(writer.Save(writer.Tensor("BoolStorage", [3], (byte)0, (byte)1, (byte)2)));

        Assert.Contains("a byte of it is neither 0 nor 1", Assert.Throws<InvalidDataException>(() => archive.Read("", CPU)).Message);
    }

    private static TorchArchiveWriter Archive()
    {
        var writer = new TorchArchiveWriter();
        return writer.Save(new Dict { ["w"] = writer.Singles([2], 1, 2) });
    }

    private static byte[] Zip(params ReadOnlySpan<(string Name, string Content)> records)
    {
        var zip = new ZipWriter();
        foreach (var (name, content) in records)
            zip.Add(name, Encoding.Latin1.GetBytes(content));
        return zip.Finish();
    }

    private static byte[] Changed(Action<byte[], ZipWriter> change)
    {
        var zip = Archive().ToZip();
        var bytes = zip.Finish();
        change(bytes, zip);
        return bytes;
    }

    private static void Put32(byte[] bytes, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset), value);

    private void RefusesEntry(int field, ushort value, string problem) =>
        Refuses(Changed((bytes, zip) => BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(zip.CentralOffsets[0] + field), value)), problem);

    private void Refuses(byte[] content, string problem) => Assert.Contains(problem, _file.Refusal(content));
}
