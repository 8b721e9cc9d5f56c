using System.IO.Compression;

namespace Orchestrator.Text.Corpus;

/// <summary>
/// Unpacks gzip and notices an archive that ends too early, which <see cref="GZipStream"/> takes for a whole one: a member
/// of known content is appended while reading, and only behind a whole archive does it come out whole.
/// </summary>
internal sealed class GzipReader(Stream file) : IDisposable
{
    private static readonly byte[] Mark = "archive is whole"u8.ToArray();
    private static readonly byte[] MarkMember = Pack(Mark);

    private readonly GZipStream _gzip = new(new FollowedStream(file, MarkMember), CompressionMode.Decompress);
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;

    /// <returns>Bytes read; 0 at the end.</returns>
    /// <exception cref="InvalidDataException">The archive is torn, or is none.</exception>
    public int Read(Span<byte> target)
    {
        while (_end - _start <= Mark.Length)
        {
            var kept = _buffer.AsSpan(_start, _end - _start);
            kept.CopyTo(_buffer);
            (_start, _end) = (0, kept.Length);
            var read = _gzip.Read(_buffer.AsSpan(_end));
            if (read == 0) return _buffer.AsSpan(0, _end).SequenceEqual(Mark) ? 0 : throw new InvalidDataException("the archive ends before its data does.");
            _end += read;
        }

        var length = Math.Min(target.Length, _end - _start - Mark.Length);
        _buffer.AsSpan(_start, length).CopyTo(target);
        _start += length;
        return length;
    }

    public void Dispose() => _gzip.Dispose();

    private static byte[] Pack(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(content);
        return packed.ToArray();
    }
}
