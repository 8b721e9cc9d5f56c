using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Text.Tokens;

/// <summary>
/// The tokens of one split, on disk, document after document, each followed by the end of text. Safe for reading from
/// many threads.
/// </summary>
public sealed class TokenFile : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly TokenFileHeader _header;
    private readonly long[] _documents;

    private TokenFile(string path, SafeFileHandle handle)
    {
        (Path, _handle) = (path, handle);
        var bytes = new byte[TokenFileHeader.Size];
        var read = ReadFully(bytes, 0);
        _header = TokenFileHeader.Read(path, bytes.AsSpan(0, read), RandomAccess.GetLength(handle));
        _documents = ReadDocuments();
    }

    public string Path { get; }

    /// <summary>Tokens, ends of text among them.</summary>
    public long Count => _header.Tokens;

    public int DocumentCount => _documents.Length;

    /// <summary>V of the tokenizer; every token is smaller.</summary>
    public int Vocabulary => _header.Vocabulary;

    /// <exception cref="InvalidDataException">The file is torn or is no token file; the message names path, found and expected.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static TokenFile Open(string path)
    {
        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.RandomAccess);
        try
        {
            return new TokenFile(path, handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Reads tokens in a row.</summary>
    /// <param name="offset">The first token's place.</param>
    /// <param name="destination">Filled whole.</param>
    /// <exception cref="ArgumentOutOfRangeException">The file does not hold as many tokens.</exception>
    /// <exception cref="InvalidDataException">The file was cut off since it was opened.</exception>
    public void Read(long offset, Span<int> destination)
    {
        if (offset < 0 || offset > Count - destination.Length)
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"{destination.Length} tokens from {offset} are asked for; {Path} has {Count}.");
        var length = destination.Length * _header.ElementSize;
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            var bytes = buffer.AsSpan(0, length);
            TokenFileHeader.Require(ReadFully(bytes, TokenFileHeader.Size + offset * _header.ElementSize) == length, Path, "was cut off while open");
            for (var i = 0; i < destination.Length; i++)
            {
                destination[i] = _header.ElementSize == sizeof(ushort)
                    ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[(i * sizeof(ushort))..])
                    : BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * sizeof(int))..]);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The document that a token belongs to; its end of text belongs to it too.</summary>
    /// <param name="offset">The token's place.</param>
    /// <returns>From 0, in the order of the file.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The file has no such token.</exception>
    public int DocumentAt(long offset)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((ulong)offset, (ulong)Count, nameof(offset));
        var found = Array.BinarySearch(_documents, offset);
        return found >= 0 ? found : ~found - 1;
    }

    /// <summary>The place of a document's first token.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The file has no such document.</exception>
    public long DocumentStart(int document)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)document, (uint)_documents.Length, nameof(document));
        return _documents[document];
    }

    public void Dispose() => _handle.Dispose();

    private long[] ReadDocuments()
    {
        TokenFileHeader.Require(_header.Documents <= Array.MaxLength / sizeof(long), Path, $"has {_header.Documents} documents, more than can be held");
        var bytes = new byte[_header.Documents * sizeof(long)];
        TokenFileHeader.Require(ReadFully(bytes, _header.DocumentsStart) == bytes.Length, Path, "was cut off while it was opened");
        var documents = new long[_header.Documents];
        for (var i = 0; i < documents.Length; i++)
        {
            documents[i] = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(i * sizeof(long)));
            var isNext = i == 0 ? documents[0] == 0 : documents[i] > documents[i - 1];
            TokenFileHeader.Require(isNext && documents[i] < Count, Path, $"has document {i} at token {documents[i]}, out of order");
        }

        TokenFileHeader.Require(documents.Length > 0 || Count == 0, Path, $"has {Count} tokens but no document");
        return documents;
    }

    private int ReadFully(Span<byte> target, long position)
    {
        var read = 0;
        while (read < target.Length && RandomAccess.Read(_handle, target[read..], position + read) is > 0 and var more) read += more;
        return read;
    }
}
