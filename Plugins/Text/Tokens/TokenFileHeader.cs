using System.Buffers.Binary;

namespace Orchestrator.Text.Tokens;

/// <summary>
/// The first 64 bytes of a token file, little-endian: magic (8 bytes), version, bytes of a token (2 or 4), vocabulary
/// size, 0 (32 bits each), tokens, documents (64 bits each), zeros. Behind it stand the tokens, zeros up to a multiple
/// of 8, and the offset of each document's first token (64 bits each).
/// </summary>
/// <param name="ElementSize">Bytes of a token.</param>
/// <param name="Vocabulary">V; every token is smaller.</param>
/// <param name="Tokens">Tokens in the file.</param>
/// <param name="Documents">Documents in the file.</param>
internal sealed record TokenFileHeader(int ElementSize, int Vocabulary, long Tokens, long Documents)
{
    public const int Size = 64;

    private const int CurrentVersion = 1;

    private static ReadOnlySpan<byte> Magic => "ORCHTOKS"u8;

    public long DocumentsStart => (Size + Tokens * ElementSize + 7) / 8 * 8;

    public long FileLength => DocumentsStart + Documents * sizeof(long);

    /// <summary>Two bytes a token as long as they suffice.</summary>
    public static int ElementSizeOf(int vocabulary) => vocabulary <= 1 << 16 ? sizeof(ushort) : sizeof(uint);

    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), CurrentVersion);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), ElementSize);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), Vocabulary);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), Tokens);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(32), Documents);
        return bytes;
    }

    /// <exception cref="InvalidDataException">The bytes are no header of such a file, or the file has another length.</exception>
    public static TokenFileHeader Read(string path, ReadOnlySpan<byte> bytes, long fileLength)
    {
        Require(bytes.Length == Size, path, $"has {bytes.Length} bytes, at least {Size} are expected");
        Require(bytes[..Magic.Length].SequenceEqual(Magic), path, $"starts with {Convert.ToHexString(bytes[..Magic.Length])}, {Convert.ToHexString(Magic)} is expected");
        var version = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        Require(version == CurrentVersion, path, $"has version {version}, {CurrentVersion} is expected");
        var header = new TokenFileHeader(
            BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]));
        Require(header.Vocabulary > 0, path, $"has a vocabulary of {header.Vocabulary}, at least 1 is expected");
        Require(header.ElementSize == ElementSizeOf(header.Vocabulary), path, $"has tokens of {header.ElementSize} bytes, {ElementSizeOf(header.Vocabulary)} are expected");
        // Both counts are checked against the length before they are multiplied.
        Require(header.Tokens >= 0 && header.Tokens <= fileLength, path, $"speaks of {header.Tokens} tokens in {fileLength} bytes");
        Require(header.Documents >= 0 && header.Documents <= fileLength, path, $"speaks of {header.Documents} documents in {fileLength} bytes");
        Require(header.FileLength == fileLength, path, $"has {fileLength} bytes, {header.FileLength} are expected for {header.Tokens} tokens and {header.Documents} documents");
        return header;
    }

    /// <exception cref="InvalidDataException">The condition does not hold.</exception>
    public static void Require(bool condition, string path, string problem)
    {
        if (!condition) throw new InvalidDataException($"{path} is no whole token file: it {problem}.");
    }
}
