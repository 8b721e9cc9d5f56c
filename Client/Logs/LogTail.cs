using System.Text;

namespace Orchestrator.Client.Logs;

/// <summary>A file that grows, read line by line; a line that has no end yet is left for later.</summary>
internal sealed class LogTail(string path)
{
    private long _read;

    /// <summary>The whole lines that were added since the last call.</summary>
    public IReadOnlyList<string> ReadNew()
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (file.Length <= _read)
        {
            return [];
        }

        file.Position = _read;
        var bytes = new byte[file.Length - _read];
        var count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        var end = bytes.AsSpan(0, count).LastIndexOf((byte)'\n') + 1;
        _read += end;
        return Encoding.UTF8.GetString(bytes, 0, end).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
