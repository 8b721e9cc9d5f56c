using System.Buffers;
using System.Buffers.Binary;

namespace Orchestrator.Text.Tokens;

/// <summary>
/// Writes a token file document by document. The header comes last, in <see cref="Complete"/>: a file that was not
/// completed is refused when it is opened.
/// </summary>
public sealed class TokenFileWriter : IDisposable
{
    private readonly FileStream _stream;
    private readonly int _vocabulary;
    private readonly int _endOfText;
    private readonly int _elementSize;
    private readonly List<long> _documents = [];
    private long _count;

    /// <param name="path">Created, or overwritten.</param>
    /// <param name="vocabulary">V; tokens take two bytes up to 65,536, and four above.</param>
    /// <param name="endOfText">The token behind each document.</param>
    public TokenFileWriter(string path, int vocabulary, int endOfText)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabulary, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)endOfText, (uint)vocabulary, nameof(endOfText));
        (_vocabulary, _endOfText) = (vocabulary, endOfText);
        _elementSize = TokenFileHeader.ElementSizeOf(vocabulary);
        _stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        _stream.Write(new byte[TokenFileHeader.Size]);
    }

    /// <summary>Tokens written, ends of text among them.</summary>
    public long Count => _count;

    /// <summary>Documents written.</summary>
    public int DocumentCount => _documents.Count;

    /// <summary>Appends a document and the end of text.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A token is not in the vocabulary.</exception>
    public void Write(ReadOnlySpan<int> document)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((document.Length + 1) * _elementSize);
        try
        {
            for (var i = 0; i <= document.Length; i++)
            {
                var token = i < document.Length ? document[i] : _endOfText;
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)token, (uint)_vocabulary, nameof(document));
                var target = buffer.AsSpan(i * _elementSize);
                if (_elementSize == sizeof(ushort)) BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)token);
                else BinaryPrimitives.WriteInt32LittleEndian(target, token);
            }

            _stream.Write(buffer, 0, (document.Length + 1) * _elementSize);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        _documents.Add(_count);
        _count += document.Length + 1;
    }

    /// <summary>Writes the places of the documents and the header, and flushes both to disk.</summary>
    public void Complete()
    {
        var header = new TokenFileHeader(_elementSize, _vocabulary, _count, _documents.Count);
        _stream.Write(new byte[header.DocumentsStart - _stream.Position]);
        Span<byte> offset = stackalloc byte[sizeof(long)];
        foreach (var document in _documents)
        {
            BinaryPrimitives.WriteInt64LittleEndian(offset, document);
            _stream.Write(offset);
        }

        _stream.Flush(flushToDisk: true);
        _stream.Position = 0;
        _stream.Write(header.ToBytes());
        _stream.Flush(flushToDisk: true);
    }

    public void Dispose() => _stream.Dispose();
}
