using Orchestrator.Abstractions;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Logs;

namespace Orchestrator.Client.Logs;

/// <summary>The logs of an experiment and its runs, as the silos have written them so far.</summary>
/// <param name="folders">Each holds a file of every silo.</param>
internal sealed class RunLogs(IReadOnlyList<string> folders)
{
    private readonly Dictionary<string, LogTail> _files = [];

    /// <summary>An experiment's own, and those of its runs.</summary>
    public static RunLogs Of(StoreLayout layout, ExperimentId experiment, IEnumerable<StageKey> runs) =>
        new([layout.LogsOf(experiment), .. runs.Select(layout.LogsOf)]);

    public static RunLogs Of(StoreLayout layout, StageKey run) => new([layout.LogsOf(run)]);

    /// <summary>What was written since the last call, oldest first.</summary>
    public IReadOnlyList<LogLine> ReadNew()
    {
        var lines = new List<LogLine>();
        foreach (var folder in folders.Where(Directory.Exists))
        {
            foreach (var path in Directory.EnumerateFiles(folder, "*" + LogLine.Extension).Order(StringComparer.Ordinal))
            {
                if (!_files.TryGetValue(path, out var tail))
                {
                    _files[path] = tail = new LogTail(path);
                }

                lines.AddRange(tail.ReadNew().Select(LogLine.Parse).OfType<LogLine>());
            }
        }

        return [.. lines.OrderBy(line => line.At)];
    }
}
