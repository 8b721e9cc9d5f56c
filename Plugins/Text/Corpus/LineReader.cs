namespace Orchestrator.Text.Corpus;

/// <summary>Lines of bytes, whatever their encoding.</summary>
internal sealed class LineReader(CorpusStream stream)
{
    /// <summary>Bytes that a line or a document may have; more is taken for a missing separator: 256 MiB.</summary>
    public const int MaximumBytes = 256 << 20;

    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;

    /// <summary>Number of the last line, from 1.</summary>
    public int Line { get; private set; }

    /// <param name="line">With its line feed where it has one; valid until the next call.</param>
    /// <returns>False at the end.</returns>
    /// <exception cref="CorpusException">A line is too long, or the file cannot be read.</exception>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        var searched = 0;
        while (true)
        {
            var feed = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (feed >= 0) return Take(searched + feed + 1, out line);
            searched = _end - _start;
            if (!Fill()) return Take(searched, out line);
        }
    }

    private bool Take(int length, out ReadOnlySpan<byte> line)
    {
        line = _buffer.AsSpan(_start, length);
        _start += length;
        if (length > 0) Line++;
        return length > 0;
    }

    private bool Fill()
    {
        var kept = _end - _start;
        if (kept > MaximumBytes)
            throw new CorpusException($"Line {Line + 1} of {stream.File.Path} has more than {MaximumBytes} bytes; it is no text of lines.");
        var target = kept * 2 > _buffer.Length ? new byte[_buffer.Length * 2] : _buffer;
        _buffer.AsSpan(_start, kept).CopyTo(target);
        (_buffer, _start, _end) = (target, 0, kept);
        var read = stream.Read(_buffer.AsSpan(_end));
        _end += read;
        return read > 0;
    }
}
