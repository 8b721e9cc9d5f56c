namespace Orchestrator.Client.Cluster;

/// <summary>A log to which lines are appended; when it grows too long it becomes <c>NAME.1</c> and a new one begins.</summary>
public sealed class LogFile : IDisposable
{
    private const long MaxBytes = 8 * 1024 * 1024;
    private const int TailLines = 20;
    private readonly Lock _gate = new();
    private readonly Queue<string> _tail = new();
    private readonly long _maxBytes;
    private StreamWriter? _writer;

    /// <param name="path">The file; its folder is made where missing.</param>
    /// <param name="maxBytes">Length after which it is set aside.</param>
    public LogFile(string path, long maxBytes = MaxBytes)
    {
        Path = path;
        _maxBytes = maxBytes;
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        _writer = Open();
    }

    public string Path { get; }

    /// <summary>The last lines, oldest first.</summary>
    public IReadOnlyList<string> Tail
    {
        get
        {
            lock (_gate)
            {
                return [.. _tail];
            }
        }
    }

    /// <summary>Appends a line; after disposal, and where the disk is full, it is dropped.</summary>
    public void Append(string line)
    {
        lock (_gate)
        {
            if (_writer is null)
            {
                return;
            }

            _tail.Enqueue(line);
            if (_tail.Count > TailLines)
            {
                _tail.Dequeue();
            }

            try
            {
                Write(_writer, line);
            }
            catch (IOException)
            {
                // The disk is full: the line is lost, and only that. What people need to know is said elsewhere, from the tail.
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            try
            {
                _writer?.Dispose();
            }
            catch (IOException)
            {
                // What it still held is lost, as above.
            }

            _writer = null;
        }
    }

    private void Write(StreamWriter writer, string line)
    {
        writer.WriteLine(line);
        if (writer.BaseStream.Length > _maxBytes)
        {
            writer.Dispose();
            File.Move(Path, Path + ".1", overwrite: true);
            _writer = Open();
        }
    }

    private StreamWriter Open() =>
        new(new FileStream(Path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
}
