using System.IO.Compression;

namespace Orchestrator.Text.Corpus;

/// <summary>The bytes of a corpus file, unpacked where its name ends in <c>.gz</c>; failures name the file.</summary>
internal sealed class CorpusStream : IDisposable
{
    private readonly Stream _stream;

    /// <exception cref="CorpusException">The file cannot be opened.</exception>
    public CorpusStream(CorpusFile file)
    {
        File = file;
        try
        {
            Stream stream = new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
            _stream = file.Path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(stream, CompressionMode.Decompress) : stream;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CorpusProblems.Unreadable(file, exception);
        }
    }

    public CorpusFile File { get; }

    /// <returns>Bytes read; 0 at the end.</returns>
    /// <exception cref="CorpusException">The file cannot be read, or the archive is torn.</exception>
    public int Read(Span<byte> buffer)
    {
        try
        {
            return _stream.Read(buffer);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw CorpusProblems.Unreadable(File, exception);
        }
    }

    public void Dispose() => _stream.Dispose();
}
