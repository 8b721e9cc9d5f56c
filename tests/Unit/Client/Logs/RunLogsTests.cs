using Orchestrator.Abstractions;
using Orchestrator.Client.Logs;
using Orchestrator.Planning.Artefacts;
using Orchestrator.Planning.Logs;
using Xunit;

namespace Orchestrator.Unit.Client.Logs;

public sealed class RunLogsTests : IDisposable
{
    private static readonly StageKey Run = new("model-0123456789ab");
    private readonly string _root = Directory.CreateTempSubdirectory("orchestrator-logs-").FullName;

    private StoreLayout Layout => new(_root);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Lines_OfAllSilosAndRestarts_AreInTheOrderOfTime_AndReadOnce()
    {
        var logs = RunLogs.Of(Layout, new ExperimentId("a-1"), [Run]);
        Assert.Empty(logs.ReadNew());
        Append(Layout.LogsOf(Run), "gpu-cpu", Line(2, "second").ToJson() + "\n");
        Append(Layout.LogsOf(Run), "control", Line(1, "first").ToJson() + "\n" + Line(3, "third").ToJson() + "\n");
        Append(Layout.LogsOf(new ExperimentId("a-1")), "control", Line(0, "zeroth").ToJson() + "\n");
        Assert.Equal(["zeroth", "first", "second", "third"], logs.ReadNew().Select(line => line.Message));
        Assert.Empty(logs.ReadNew());
        Append(Layout.LogsOf(Run), "gpu-cpu", Line(4, "fourth").ToJson() + "\n");
        Assert.Equal("fourth", Assert.Single(logs.ReadNew()).Message);
    }

    [Fact]
    public void UnfinishedLine_IsReadWhenItHasItsEnd_AndATornOneIsPassedOver()
    {
        var logs = RunLogs.Of(Layout, Run);
        var text = Line(1, "ünfinished").ToJson();
        Append(Layout.LogsOf(Run), "control", "{\"at\": tor\n" + text[..^20]);
        Assert.Empty(logs.ReadNew());
        Append(Layout.LogsOf(Run), "control", text[^20..] + "\n");
        Assert.Equal("ünfinished", Assert.Single(logs.ReadNew()).Message);
    }

    [Fact]
    public void Line_IsOneLine_AndComesBackWhole()
    {
        var line = Line(1, "two\nlines") with { Exception = "at a\nat b", Experiment = "a-1", Run = Run.Value, Fields = new Dictionary<string, string?> { ["Step"] = "7" } };
        Assert.DoesNotContain('\n', line.ToJson());
        var back = LogLine.Parse(line.ToJson())!;
        Assert.Equal(line with { Fields = back.Fields }, back);
        Assert.Equal("7", back.Fields["Step"]);
    }

    private static LogLine Line(int second, string message) =>
        new(DateTimeOffset.UnixEpoch.AddSeconds(second), "information", "control", null, null, message, null, new Dictionary<string, string?>());

    private static void Append(string folder, string silo, string text)
    {
        Directory.CreateDirectory(folder);
        File.AppendAllText(Path.Combine(folder, silo + LogLine.Extension), text);
    }
}
