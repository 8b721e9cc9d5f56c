using Orchestrator.Abstractions;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Logs;
using Orchestrator.Silo.Logging;
using Xunit;

namespace Orchestrator.Unit.Silo.Logging;

public sealed class RunLogWriterTests : IDisposable
{
    private static readonly StageKey Run = new("analysis-0123456789ab");
    private readonly string _root = Directory.CreateTempSubdirectory("orchestrator-logs-").FullName;

    private StoreLayout Layout => new(_root);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Log_WithoutEnd_IsCutShort_SaysSo_AndLeavesOthersAlone()
    {
        // Several times, as by several processes of one silo: what is there counts too.
        for (var process = 0; process < 3; process++)
        {
            await using var writer = new RunLogWriter(Layout, "gpu-cpu", mostBytes: 10_000);
            for (var i = 0; i < 1_000; i++)
                writer.Write(Run, Line($"{process}: {i} of many"));

            writer.Write(new ExperimentId("a-1"), Line($"{process}: all is well"));
        }

        var lines = Directory.EnumerateFiles(Layout.LogsOf(Run)).SelectMany(File.ReadLines).Select(LogLine.Parse).ToList();
        Assert.Equal("0: 0 of many", lines[0]!.Message);
        Assert.Contains("10,000 bytes", lines[^1]!.Message, StringComparison.Ordinal);
        Assert.Single(lines, line => line!.Level == "warning");
        Assert.DoesNotContain(lines, line => line!.Message.StartsWith("1:", StringComparison.Ordinal));
        Assert.Equal(3, Directory.EnumerateFiles(Layout.LogsOf(new ExperimentId("a-1"))).SelectMany(File.ReadLines).Count());
    }

    private static LogLine Line(string message) =>
        new(DateTimeOffset.UnixEpoch, "information", "gpu-cpu", null, Run.Value, message, null, new Dictionary<string, string?>());
}
