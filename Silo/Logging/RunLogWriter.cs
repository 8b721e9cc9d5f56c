using System.Globalization;
using System.Threading.Channels;
using Orchestrator.Abstractions;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Logs;

namespace Orchestrator.Silo.Logging;

/// <summary>
/// Appends lines to the logs of experiments and runs, on a task of its own: no grain's turn waits for the disk. Each silo
/// has its own files, as two processes cannot append to one. Where the disk is full, lines are lost, and only they.
/// </summary>
public sealed class RunLogWriter : IAsyncDisposable
{
    /// <summary>Of one file: a plugin that writes without end must not fill the disk.</summary>
    private const long MostBytes = 64L << 20;

    /// <summary>Lines that may wait; beyond them the newest are lost.</summary>
    private const int MostWaiting = 10_000;

    private static readonly TimeSpan LastLines = TimeSpan.FromSeconds(5);

    private readonly StoreLayout _layout;
    private readonly string _fileName;
    private readonly long _mostBytes;
    private readonly Channel<(string Folder, LogLine Line)> _lines = Channel.CreateBounded<(string, LogLine)>(
        new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly Task _writing;

    /// <param name="mostBytes">Length after which a file gets no more lines but one that says so.</param>
    public RunLogWriter(StoreLayout layout, string silo, long mostBytes = MostBytes)
    {
        (_layout, _mostBytes) = (layout, mostBytes);
        _fileName = silo.Replace(':', '-') + LogLine.Extension;
        _writing = Task.Run(WriteAll);
    }

    public void Write(ExperimentId experiment, LogLine line) => Write(experiment.Value, () => _layout.LogsOf(experiment), line);

    public void Write(StageKey run, LogLine line) => Write(run.Value, () => _layout.LogsOf(run), line);

    /// <summary>Writes what still waits.</summary>
    public async ValueTask DisposeAsync()
    {
        _lines.Writer.TryComplete();
        await Task.WhenAny(_writing, Task.Delay(LastLines));
    }

    private void Write(string id, Func<string> folder, LogLine line)
    {
        if (StoreLayout.IsName(id)) // an id that can be no folder's name came from a test or a broken client
            _lines.Writer.TryWrite((folder(), line));
    }

    private async Task WriteAll()
    {
        while (await _lines.Reader.WaitToReadAsync())
        {
            var waiting = new List<(string Folder, LogLine Line)>();
            while (_lines.Reader.TryRead(out var line))
                waiting.Add(line);

            foreach (var file in waiting.GroupBy(line => line.Folder, line => line.Line))
                Append(file.Key, [.. file]);
        }
    }

    private void Append(string folder, IReadOnlyList<LogLine> lines)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var file = new FileInfo(Path.Combine(folder, _fileName));
            if (file.Exists && file.Length >= _mostBytes)
                return;

            File.AppendAllLines(file.FullName, lines.Select(line => line.ToJson()));
            file.Refresh();
            if (file.Length >= _mostBytes)
                File.AppendAllLines(file.FullName, [Last(lines[^1]).ToJson()]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Said above: the work goes on without its log.
        }
    }

    private LogLine Last(LogLine before) => before with
    {
        Level = "warning",
        Message = string.Create(CultureInfo.InvariantCulture, $"This log has come to its most, {_mostBytes:N0} bytes: what follows is only in the silo's own log."),
        Exception = null,
        Fields = new Dictionary<string, string?>(),
    };
}
