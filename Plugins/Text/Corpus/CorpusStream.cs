namespace Orchestrator.Text.Corpus;

/// <summary>The bytes of a corpus file, unpacked where its name ends in <c>.gz</c>; failures name the file.</summary>
internal sealed class CorpusStream : IDisposable
{
    private readonly FileStream _stream;
    private readonly GzipReader? _archive;

    /// <exception cref="CorpusException">The file cannot be opened.</exception>
    public CorpusStream(CorpusFile file)
    {
        File = file;
        try
        {
            _stream = new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
            if (file.Path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)) _archive = new GzipReader(_stream);
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
            return _archive is null ? _stream.Read(buffer) : _archive.Read(buffer);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw CorpusProblems.Unreadable(File, exception);
        }
    }

    public void Dispose()
    {
        _archive?.Dispose();
        _stream.Dispose();
    }
}
